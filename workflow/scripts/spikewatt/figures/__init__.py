"""The figures: each made from data, the same bytes each time (see `saving`).

Modules are imported one by one, so that a rule is rerun only for the code that it uses.
"""
