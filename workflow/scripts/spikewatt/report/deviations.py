"""How far runs are from the paper's protocol, in few sentences."""

from spikewatt.claims import protocol_notes


def sentences(runs, plans, source):
    """Sentences on what was done otherwise than in the paper; empty if nothing.

    Arguments as of `spikewatt.claims.protocol_notes`, whose notes on single networks
    are put together here: «exp1/ann, exp1/snn: 3 epochs instead of 20.»
    """
    general, of_network, alike = [], {}, {}
    for note in protocol_notes(runs, plans, source):
        if note.about:
            of_network.setdefault(note.about, []).append(note.what.removesuffix("."))
        else:
            general.append(note.text)
    for network, texts in of_network.items():
        alike.setdefault(", ".join(texts), []).append(network)
    return general + [f"{', '.join(names)}: {what}." for what, names in alike.items()]
