"""What a claim's networks were made with, where that is not as in the paper."""

from spikewatt.claims import formula
from spikewatt.results import protocol


class SettingsTold:
    """Deviations and differences of runs, for the claims that rest on them.

    runs, plans: as of `results.protocol.protocol_notes`.
    """

    def __init__(self, runs, plans=None):
        self.leaving = {}
        for run in runs:
            words = [one.words for one in protocol.deviations_of(run, plans)]
            texts = self.leaving.setdefault(f"{run.experiment}/{run.network}", {})
            texts.update(dict.fromkeys(words))
        differ = protocol.differ_notes(runs, plans)
        self.differing = {note.about: note.text for note in differ}

    def of_claim(self, claim, definitions):
        """Sentences on the networks of a claim's formula, joined by « | »."""
        expanded = formula.expand(claim["formula"], definitions)
        cells = [name.split(".")[1:3] for name in formula.names(expanded)]
        networks = dict.fromkeys("/".join(cell) for cell in cells)
        told = [
            f"{network}: {'; '.join(self.leaving[network])}."
            for network in networks
            if self.leaving.get(network)
        ]
        told += [self.differing[n] for n in networks if n in self.differing]
        return " | ".join(told)
