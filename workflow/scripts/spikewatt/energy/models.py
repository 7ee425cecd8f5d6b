"""Which models there are, what is in them, and what each says of a pair of networks."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from spikewatt.energy import chips, compute, davidson, lemaire, yan
from spikewatt.energy.published import source


@dataclass(frozen=True)
class Model:
    """A model of the energy of an inference.

    id: its name in tables; title: for people; kind: «arithmetic», «with memory»,
    «movement», «chip, average» or «chip, terms»; energy: J per inference of a network's
    layers, None where it does not apply (None itself where the model knows ratios
    alone); of: the published energies that it is made of; leaves_out: words.
    """

    id: str
    title: str
    kind: str
    energy: Callable | None
    of: tuple
    leaves_out: str
    against_twin: Callable | None = None

    @property
    def sources(self):
        """Where its energies come from, each once."""
        return list(dict.fromkeys(source(name) for name in self.of))


NO_MEMORY = "memory, control, leakage, links off the chip"
NO_REST = "leakage, control, links off the chip"


def _arithmetic(number_format, process, skips_zeros=False):
    nm = process.replace("nm", " nm")
    name = f"compute_{number_format}_{process}{'_sparse' * skips_zeros}"
    work = partial(
        compute.energy,
        number_format=number_format,
        process=process,
        skips_zeros=skips_zeros,
    )
    of = tuple(f"{what}_{number_format}_{process}" for what in ("add", "multiply"))
    zeros = ", zeros skipped" * skips_zeros
    title = f"arithmetic, {number_format}, {nm}{zeros}"
    return Model(name, title, "arithmetic", work, of, NO_MEMORY)


def _chip(name, title, kind, energy, leaves_out):
    work = partial(chips.average, name=energy)
    return Model(name, title, kind, work, (energy,), leaves_out)


MODELS = (
    *(_arithmetic(form, "45nm") for form in ("fp32", "fp16", "int32", "int8")),
    _arithmetic("fp32", "45nm", skips_zeros=True),
    *(_arithmetic(form, "7nm") for form in ("fp32", "int8")),
    Model(
        *("lemaire", "Lemaire: int32 with memories, 45 nm", "with memory"),
        lemaire.energy,
        ("add_int32_45nm", "multiply_int32_45nm", "sram_access_fixed"),
        NO_REST,
    ),
    Model(
        *("davidson", "Davidson and Furber, 22 nm", "with memory", davidson.energy),
        ("davidson_unit", "davidson_ann_weight", "davidson_snn_spike"),
        NO_REST,
    ),
    Model(
        *("yan", "Yan: against a quantised twin, 22 nm", "movement", None),
        ("yan_accumulate", "yan_sparse_bit", "yan_dense_bit", "yan_weight_bit"),
        "control, leakage, links off the chip",
        yan.ratio,
    ),
    _chip(
        *("truenorth", "TrueNorth, average", "chip, average", "truenorth_event"),
        "links off the chip; it holds at 20 Hz and 128 active synapses",
    ),
    _chip(
        *("odin", "ODIN, average", "chip, average", "odin_operation"),
        "links off the chip; it holds at the highest rate of operations",
    ),
    _chip(
        *("truenorth_terms", "TrueNorth, an event more", "chip, terms"),
        "truenorth_marginal_event",
        "42 mW at rest",
    ),
    _chip(
        *("odin_terms", "ODIN, an operation more", "chip, terms"),
        "odin_marginal_operation",
        "leakage and idle power",
    ),
    Model(
        *("loihi_terms", "Loihi, terms, at least", "chip, terms", chips.loihi),
        ("loihi_synaptic_operation", "loihi_inactive_update", "loihi_spike"),
        "leakage, hops, the host; simulated before there was a chip",
    ),
)
BY_ID = {model.id: model for model in MODELS}


def estimate(model, layers):
    """J per inference by a model, or None where it does not apply."""
    return model.energy(layers) if model.energy else None


def ratio(model, layers, rival):
    """What a network costs over its rival by a model; None where it does not apply.

    layers, rival: dicts of counts per inference, as in operations.csv. A model that
    brings its own rival (a quantised twin) takes that one.
    """
    if model.against_twin:
        return model.against_twin(layers)
    own, other = estimate(model, layers), estimate(model, rival)
    return own / other if own is not None and other else None
