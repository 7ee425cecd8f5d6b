"""The fast stack: the reference's mathematics in other software."""
