"""How far runs are from the paper's protocol, in few sentences."""

import re

from spikewatt.claims import protocol_notes

ABOUT_ONE = re.compile(r"(?P<network>\w+/\w+): (?P<what>.*)\.")


def notes(runs, plans, source):
    """Sentences on what was done otherwise than in the paper; empty if nothing.

    Arguments as of `spikewatt.claims.protocol_notes`, whose notes on single networks
    are put together here: «exp1/ann, exp1/snn: 3 epochs instead of 20.»
    """
    general, of_network, alike = [], {}, {}
    for note in protocol_notes(runs, plans, source):
        match = ABOUT_ONE.fullmatch(note)
        if match:
            of_network.setdefault(match["network"], []).append(match["what"])
        else:
            general.append(note)
    for network, texts in of_network.items():
        alike.setdefault(", ".join(texts), []).append(network)
    return general + [f"{', '.join(names)}: {what}." for what, names in alike.items()]
