"""What models of other hardware say of runs: estimates, never measurements.

Counts per inference are means over a network's runs; a ratio is to the network that it
is compared with (`against` of the config).
"""

from dataclasses import dataclass

from spikewatt.energy import models
from spikewatt.results import measured, operations
from spikewatt.results.conditions import ON_CPU, device_of
from spikewatt.results.runs import test_facts


@dataclass(frozen=True)
class Estimated:
    """One network: its runs, its layers per inference, and those of its rival.

    group: its runs; layers: dicts of counts per inference; n: runs that have them;
    rival: runs of the network that it is compared with, or []; rival_layers: likewise.
    """

    group: list
    layers: list
    n: int
    rival: list
    rival_layers: list

    @property
    def spiking(self):
        """Whether it spikes and its rival does not: who favours whom is asked then."""
        return self.group[0].spiking and bool(self.rival) and not self.rival[0].spiking

    @property
    def steps(self):
        """Time steps of an inference; 1 of a network without time."""
        return self.layers[0]["steps"]

    def total(self, name):
        """A number of all layers together, per inference."""
        return operations.total(self.layers, name)

    @property
    def spikes_per_synapse(self):
        """Effective operations of an inference for each tap of a step."""
        effective = self.total("effective_macs") + self.total("effective_acs")
        return effective * self.steps / self.total("dense_macs")

    def energy(self, model):
        """J per inference by a model, or None where it does not apply."""
        return models.estimate(model, self.layers)

    def rival_energy(self, model):
        """The same of the rival; None where there is none."""
        return models.estimate(model, self.rival_layers) if self.rival_layers else None

    def ratio(self, model):
        """What it costs over its rival by a model; None where that says nothing."""
        if not self.rival_layers or (model.against_twin and not self.spiking):
            return None
        return models.ratio(model, self.layers, self.rival_layers)

    def ratios(self):
        """Model → ratio, of the models that say one."""
        found = {model: self.ratio(model) for model in models.MODELS}
        return {model: ratio for model, ratio in found.items() if ratio is not None}


def networks(runs):
    """An `Estimated` for each network that has counts, in the order of the runs."""
    groups = measured.by_network(runs)
    counted = {key: operations.of_network(group) for key, group in groups.items()}
    made = []
    for key, group in groups.items():
        layers, n = counted[key]
        if not layers:
            continue
        other = (key[0], group[0].against)
        rival, (rival_layers, _) = groups.get(other, []), counted.get(other, ([], 0))
        made.append(Estimated(group, layers, n, rival, rival_layers))
    return made


def measured_energy(run):
    """J per inference above idle that a meter read in the test; None where none did.

    Of the device that the network ran on: the GPU board, or the CPU's packages. A test
    that the meter flagged tells nothing.
    """
    if run.test is None or measured.disturbing_words([run], "test"):
        return None
    device = "cpu" if device_of(test_facts(run)) == ON_CPU else "gpu"
    column = f"{device}_energy_above_idle_j"
    joules, samples = run.test.get(column), run.test["samples"]
    if joules is None or joules != joules:
        return None
    return float(joules) / float(samples)
