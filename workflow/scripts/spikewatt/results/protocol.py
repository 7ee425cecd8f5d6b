"""Where runs leave the paper's protocol, and where networks that are compared differ.

A run's settings are those of its plan, what its code fixes (`method`), by which way its
samples came, and what it was really given: epochs and samples are counted in its files.
"""

from dataclasses import dataclass

from spikewatt.paper import protocol
from spikewatt.results import notes
from spikewatt.results.conditions import loading
from spikewatt.results.mismatches import OF_ONE_STACK
from spikewatt.results.notes import Note
from spikewatt.results.pairs import pairs

# What a run is called, and on what it was computed, as far as old plans have it.
NO_SETTINGS = ("experiment", "network", "label", "device", "threads")
# How it is measured is this project's own: recorded, and no part of what the paper did.
OF_MEASURING = "meter."
# What belongs together: where a pair is about the first, it is about the others too.
OF_NEURON = (
    *("neuron.", "weight_bits", "loss.", "encoding", "steps", "method.readout"),
    *("frames", "method.scaling"),
)
# Where one is converted and the other trained.
OF_CONVERSION = ("from", "epochs", "train_samples", "method.")
OF_DATA = (
    *("dataset", "resize", "events", "encoding", "steps", "method.scaling"),
    *("train_samples", "test_samples", "max_"),
)
MADE_UP = Note(
    "protocol",
    "The data were made up on the spot (source: sample), so that no number or verdict "
    "says anything about the paper or about real data.",
)
ORIGINS = {protocol.STATED: "stated in the paper", protocol.CHOSEN: "chosen here"}
ABSENT = object()


@dataclass(frozen=True)
class Deviation:
    """A setting of a run that is not the protocol's.

    key: as in the flattened plan; here, protocol: both values, ABSENT where one has
    none; origin: whether the protocol's is «stated» in the paper or «chosen here».
    """

    key: str
    here: object
    protocol: object
    origin: str

    @property
    def words(self):
        """«learning_rate 0.1 instead of 0.001 (stated in the paper)»."""
        return (
            f"{self.key} {shown(self.here)} instead of {shown(self.protocol)} "
            f"({ORIGINS[self.origin]})"
        )


@dataclass(frozen=True)
class Difference:
    """A setting in which two networks differ: its key, and the value of each."""

    key: str
    one: object
    other: object

    @property
    def words(self):
        """«learning_rate 0.005 against 0.001»."""
        return f"{self.key} {shown(self.one)} against {shown(self.other)}"


def deviations(plan, experiment, network):
    """The settings of a plan that are not the protocol's, a `Deviation` each.

    plan: as `run_plan` makes it, perhaps with what `settings_of` adds. What it does not
    say at all is passed over, as are keys that the protocol does not know
    (`unknown_keys`), how often is measured, and networks that the paper does not have.
    """
    stated = protocol.of_network(experiment, network)
    here = flattened(plan)
    told = {key.split(".")[0] for key in here}
    known = {key.split(".")[0] for key in stated}
    keys = [key for key in stated if key.split(".")[0] in told]
    keys += [k for k in here if k not in stated and k.split(".")[0] in known]
    found = []
    for key in keys:
        if key.startswith(OF_MEASURING):
            continue
        is_, setting = here.get(key, ABSENT), stated.get(key)
        should = ABSENT if setting is None else setting.value
        if is_ != should:
            origin = protocol.STATED if setting is None else setting.origin
            found.append(Deviation(key, is_, should, origin))
    return found


def unknown_keys(plan, experiment, network):
    """Keys of a plan that protocol.csv has no row for; a test keeps there from being.

    Parts of what it knows under another name or in another number (a further layer)
    are deviations instead.
    """
    known = {key.split(".")[0] for key in protocol.of_network(experiment, network)}
    return [key for key in flattened(plan) if key.split(".")[0] not in known]


def differences(plan, other):
    """The settings in which two plans differ beyond what their pair is about.

    A spiking and a conventional network differ in neuron, loss and coding; networks on
    two data sets in all that follows from the data. Two networks alike in both differ
    in what their pair is about, and that is told. What one of them does not say at all
    is passed over. Returns a `Difference` each.
    """
    one, two = flattened(plan), flattened(other)
    told = {key.split(".")[0] for key in one} & {key.split(".")[0] for key in two}
    expected = ()
    if one.get("neuron.kind") != two.get("neuron.kind"):
        expected += OF_NEURON
    if one.get("dataset") != two.get("dataset"):
        expected += OF_DATA
    if ("from.network" in one) != ("from.network" in two):
        expected += OF_CONVERSION
    return [
        Difference(key, one.get(key, ABSENT), two.get(key, ABSENT))
        for key in dict.fromkeys([*one, *two])
        if key.split(".")[0] in told
        and one.get(key, ABSENT) != two.get(key, ABSENT)
        and not key.startswith(expected)
    ]


def flattened(plan):
    """A plan's settings by dotted keys; layers are numbered from 1.

    {"neuron": {"beta": 0.8}, "architecture": [{"linear": 10}]} gives neuron.beta and
    architecture.1.linear. The reference stack's precision, None, is float32.
    """
    flat = dict(_leaves(plan))
    if flat.get("precision", ABSENT) is None:
        flat["precision"] = "float32"
    return {key: value for key, value in flat.items() if key not in NO_SETTINGS}


def _leaves(value, prefix=""):
    if isinstance(value, dict) and value:
        parts = value.items()
    elif isinstance(value, list) and value:
        parts = enumerate(value, 1)
    else:
        yield prefix, value
        return
    for key, part in parts:
        yield from _leaves(part, f"{prefix}.{key}" if prefix else str(key))


def settings_of(run, plan=None):
    """What a run was made with: its plan, its `method`, and what its files count.

    plan: what it should have been made with, where its run.json is lost.
    """
    info = run.info or {}
    made = {**(plan or {}), **(info.get("config") or {})}
    if way := loading(run):  # decides no result, but what an epoch's time is made of
        made["loading"] = way
    if isinstance(info.get("method"), dict):
        made["method"] = info["method"]
    for key, count in _counted(run):
        made[key] = count
        made.pop(f"max_{key}", None)  # says the same
    return made


def _counted(run):
    if run.epochs is not None:
        yield "epochs", len(run.epochs)
        samples = (run.epochs["train_samples"] + run.epochs["val_samples"]).max()
        if samples == samples:  # NaN is not itself
            yield "train_samples", int(samples)
    if run.test is not None and run.test["samples"] == run.test["samples"]:
        yield "test_samples", int(run.test["samples"])


def protocol_notes(runs, plans=None, source=None):
    """Notes of kind «protocol»: a sentence for each setting that leaves the protocol.

    plans: «experiment/network» → settings of its runs; source: of the data, «sample»
    means made-up data. A note names the networks that it is about, as `about` where it
    is one. Networks that the paper does not have are passed over.
    """
    about = {}
    for run in runs:
        for one in deviations_of(run, plans):
            stack = f"/{run.stack}" if one.key in OF_ONE_STACK else ""
            about.setdefault(one.words, {})[f"{_name(run)}{stack}"] = None
    told = [
        notes.about("protocol", ", ".join(names), f"{words}.")
        for words, names in about.items()
    ]
    return [MADE_UP, *told] if made_up(runs, source) else told


def made_up(runs, source=None):
    """Whether the data were made up: the config's source or a run says so."""
    return "sample" in (source, *map(_source, runs))


def leaves(runs, plans=None, source=None):
    """Whether runs leave the protocol; None where none is of a network of the paper.

    Arguments as of `protocol_notes`.
    """
    if not any(protocol.of_network(run.experiment, run.network) for run in runs):
        return None
    return bool(protocol_notes(runs, plans, source))


def deviations_of(run, plans=None):
    """The `Deviation`s of a run; arguments as of `protocol_notes`."""
    made = settings_of(run, (plans or {}).get(_name(run)))
    return deviations(made, run.experiment, run.network)


def differ_notes(runs, plans=None):
    """Notes of kind «differ»: what sets compared networks apart beyond their subject.

    Notes are about the network that is compared, a note a pair.
    """
    told = []
    for group, others in pairs(runs):
        first, second = (
            settings_of(some[0], (plans or {}).get(_name(some[0])))
            for some in (group, others)
        )
        found = differences(second, first)
        if found and first and second:
            what = "; ".join(one.words for one in found)
            text = f"differs from {_name(group[0])} in more than is compared: {what}."
            told.append(notes.about("differ", _name(others[0]), text))
    return told


def settings_notes(runs, plans=None, source=None):
    """All that `protocol_notes` and `differ_notes` say, for a table or a figure."""
    return [*protocol_notes(runs, plans, source), *differ_notes(runs, plans)]


def shown(value):
    """A setting for people: «none», «60,000», «0.001»."""
    if value is ABSENT:
        return "not set"
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _name(run):
    return f"{run.experiment}/{run.network}"


def _source(run):
    return (run.info or {}).get("data_source")
