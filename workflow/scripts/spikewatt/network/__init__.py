"""The architectures: described as data, and built from that description."""
