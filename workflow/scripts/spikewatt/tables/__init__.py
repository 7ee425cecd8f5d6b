"""The tables: I and II as in the paper, and what the paper leaves to the reader.

`registry` says which there are; modules are imported one by one, so that a rule is
rerun only for the code that it uses.
"""
