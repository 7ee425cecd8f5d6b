"""How far runs are from the paper's protocol, in few sentences."""

from spikewatt import claims


def sentences(runs, plans, source):
    """Sentences on what was done otherwise than in the paper; empty if nothing.

    Arguments as of `spikewatt.claims.deviations`, whose records on single networks are
    put together here: «exp1/ann, exp1/snn: 3 epochs instead of 20.»
    """
    general, of_network, alike = [], {}, {}
    for deviation in claims.deviations(runs, plans, source):
        if deviation.network is None:
            general.append(deviation.sentence)
        else:
            of_network.setdefault(deviation.network, []).append(deviation.what)
    for network, what in of_network.items():
        alike.setdefault(", ".join(what), []).append(network)
    return general + [f"{', '.join(names)}: {what}." for what, names in alike.items()]
