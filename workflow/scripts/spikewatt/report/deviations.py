"""How far runs are from the paper's protocol and from each other, in few sentences."""

from spikewatt.results.protocol import settings_notes


def sentences(runs, plans, source):
    """Sentences on settings that leave the paper's, or differ within a pair.

    Arguments as of `spikewatt.results.protocol.protocol_notes`; empty if all is as in
    the paper: «exp1/ann, exp1/snn: epochs 3 instead of 20 (stated in the paper).»
    """
    return [note.text for note in settings_notes(runs, plans, source)]
