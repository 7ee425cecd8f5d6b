"""Archives to arrays: where data comes from, reading it safely, preparing it once.

An archive is verified (`download`, `local`) or made (`sample`), read by a reader that
trusts nothing in it (`idx`, `cifar`, `nmnist`), written once as arrays (`prepare`) and
opened by everything that follows (`arrays`).
"""
