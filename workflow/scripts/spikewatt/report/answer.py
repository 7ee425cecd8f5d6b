"""The paper's question, answered from the numbers in a few sentences."""

from spikewatt.claims import counts, distinct_tests, settings_met
from spikewatt.claims.selfcheck import INCONSISTENT
from spikewatt.report import compared, contents, settings
from spikewatt.report.compared import COSTS, PROCESS_MEMORY
from spikewatt.report.words import count_of, listed, quoted, times, was

# How a network's own costs are written: column → number with unit.
ABSOLUTE = {
    "mean_epoch_time_s": "{:.4g}\u00a0s",
    "mean_gpu_memory_pct": "{:.3g}\u00a0% of the GPU's memory",
    "mean_gpu_power_w": "{:.4g}\u00a0W",
    "mean_epoch_energy_j": "{:.4g}\u00a0J",
    PROCESS_MEMORY: "{:,.0f}\u00a0MiB of process memory",
}
OPENING = {
    "comparable": "reaches comparable accuracy in",
    "short": "falls short of comparable accuracy in",
    "unlearned": "proves nothing where neither network has learned yet, in",
    "untested": "has no test against its counterpart yet in",
}


NO_ANSWER = (
    "There is no answer here: the data were made up on the spot (source: sample), so "
    "the numbers below show that the workflow works and say nothing about networks.",
    "For an answer run it on real data, without «source: sample»: README.md says how.",
)


def sentences(runs, claims, made_up=False):
    """The answer, a sentence each.

    First the pairs of a spiking and a conventional network: accuracy and costs. Then
    each pair of networks of one kind, and each network that is compared with none.
    Last the paper's statements, where the paper's experiments are among the runs.

    runs: as `results.runs.read_all` gives them; claims: claims.csv as a table, or
    None where it does not exist; made_up: whether the data are, which answer nothing.
    """
    if made_up:
        return list(NO_ANSWER)
    networks = compared.networks(runs)
    pairs = compared.pairs(networks)
    both = [pair for pair in pairs if pair.of_both_kinds]
    others = [alike(pair) for pair in pairs if not pair.of_both_kinds]
    others += [single(network) for network in compared.unpaired(networks, pairs)]
    if both or not others:
        told = [accuracy(both), costs(both, runs), *others]
    else:
        told = [accuracy(both), *others, *unmeasured(networks.values(), runs)]
    told += flagged(pairs)
    if contents.of_paper(contents.experiments(runs)):
        told.append(verdicts(claims))
    return told


def flagged(pairs):
    """The sentence on what the mark † means, with the flags; none without any."""
    words = {word: None for pair in pairs for word in _flags(pair)}
    if not words:
        return []
    named = listed([quoted(word) for word in words])
    return [f"† rests on measurements flagged {named}: see Runs."]


def _flags(pair):
    """The flags of what is said of a pair."""
    costs = pair.flagged("train") if pair.ratios else {}
    return {**costs, **(pair.flagged("test") if pair.tested else {})}


def _marked(pair, stage):
    """« †» where measurements of that stage are flagged."""
    return "\u00a0†" if pair.flagged(stage) else ""


def accuracy(pairs):
    """Whether the spiking networks reach comparable accuracy.

    pairs: pairs of a spiking network with a conventional one.
    """
    if not pairs:
        return (
            "Whether a spiking network reaches comparable accuracy is open: no "
            "experiment here sets one against a conventional network."
        )
    clauses = []
    for verdict, words in OPENING.items():
        judged = {}
        for pair in pairs:
            if pair.verdict == verdict:
                text = _accuracies(pair, _several(pair, pairs))
                judged.setdefault(pair.experiment, []).append(text)
        if judged:
            places = [_told_in(*texts) for texts in judged.items()]
            clauses.append(f"{words} {listed(places)}")
    return f"The spiking network {'; it '.join(clauses)}."


def _told_in(experiment, texts):
    """«experiment 1 (MNIST: 96.50 % in the test against 98.00 % of the ANN)»."""
    told = "; ".join(filter(None, texts))
    return f"{where(experiment)} ({told})" if told else where(experiment)


def _accuracies(pair, named):
    """What a pair reached; only the name of an untested one, and if it is asked for."""
    network, other = pair.network, pair.other
    who = [network.label] if named else []
    if pair.verdict == "untested":
        return "".join(who)
    who += [pair.data] if pair.data else []
    start = f"{' on '.join(who)}: " if who else ""
    return (
        f"{start}{network.accuracy_pct:.2f}\u00a0% in the test against "
        f"{other.accuracy_pct:.2f}\u00a0% of the {other.label}{_marked(pair, 'test')}"
    )


def _several(pair, pairs):
    """Whether the pair's experiment has others, so that its network must be named."""
    return [other.experiment for other in pairs].count(pair.experiment) > 1


def where(experiment):
    """«experiment 1» for the paper's exp1, «experiment «mine»» for others."""
    number = experiment.removeprefix("exp")
    return f"experiment {number if number.isdigit() else quoted(experiment)}"


def costs(pairs, runs):
    """What spiking costs as ratios, and what was not measured, with the reason.

    pairs: pairs of a spiking network with a conventional one.
    """
    clauses = [_against(pair, pairs) for pair in pairs if pair.ratios]
    if not clauses:
        return "What it costs was not measured: no pair of networks was trained here."
    clauses += _absent(_known(pair.ratios for pair in pairs), runs)
    return f"A training epoch of it takes, {'; '.join(clauses)}."


def _against(pair, pairs):
    who = f"for the {pair.network.label} " if _several(pair, pairs) else ""
    whom = f"against the {pair.other.label} in {where(pair.experiment)}"
    return f"{who}{whom}, {listed(_ratios(pair))}"


def _ratios(pair):
    """«2.50 times the time» and the like, as far as measured."""
    words = {**COSTS}
    if "mean_gpu_memory_pct" not in pair.ratios:
        words[PROCESS_MEMORY] = "process memory"
    return [
        f"{times(pair.ratios[column])} the {word}{_marked(pair, 'train')}"
        for column, word in words.items()
        if column in pair.ratios
    ]


def alike(pair):
    """A pair that both spike, or both don't: what differs, accuracy and costs."""
    one, other = quoted(pair.network.label), quoted(pair.other.label)
    kind = f"both {one} and {other} spike"
    if not pair.network.spikes:
        kind = f"neither {one} nor {other} spikes"
    differ = settings.differences(pair.network.told, pair.other.told)
    if differ is not None:
        same = ", with the same settings"
        kind += f"; they differ in {listed(differ)}" if differ else same
    parts = [f"{one} {_reached(pair, other)}"]
    if pair.ratios:
        parts.append(f"an epoch of it takes {listed(_ratios(pair))}")
    return f"In {where(pair.experiment)}, {kind}: {', and '.join(parts)}."


def _reached(pair, other):
    if not pair.tested:
        return f"has no test against {other} yet"
    reached = (
        f"reaches {pair.network.accuracy_pct:.2f}\u00a0% in the test against "
        f"{pair.other.accuracy_pct:.2f}\u00a0% of {other}{_marked(pair, 'test')}"
    )
    if pair.verdict == "unlearned":
        reached += ", where neither has learned yet"
    return reached


def single(network):
    """A network that is compared with none: its accuracy, and its costs as they are."""
    reached = "has no test yet"
    if network.accuracy_pct is not None:
        on = f" on {network.data}" if network.data else ""
        near = "" if network.learned else ", which is near guessing"
        reached = f"reaches {network.accuracy_pct:.2f}\u00a0% in the test{on}{near}"
    name = f"{where(network.experiment)}, {quoted(network.label)}"
    return f"In {name} {reached}, and {_absolute(network)}."


def _absolute(network):
    if not network.costs:
        return "its training was not measured"
    needless = PROCESS_MEMORY if "mean_gpu_memory_pct" in network.costs else None
    amounts = [
        text.format(network.costs[column])
        for column, text in ABSOLUTE.items()
        if column in network.costs and column != needless
    ]
    return f"an epoch of it takes {listed(amounts)}"


def unmeasured(networks, runs):
    """The sentence on costs that no network has a number for; none without trainings.

    A list of it, or an empty one.
    """
    known = _known(network.costs for network in networks)
    absent = _absent(known, runs) if known else []
    return [f"{text[0].upper()}{text[1:]}." for text in absent]


def _known(measured):
    """The columns that at least one of the mappings has."""
    return {column for columns in measured for column in columns}


def _absent(known, runs):
    """What was not measured and why, as a list of a clause or of none."""
    absent = [word for column, word in COSTS.items() if column not in known]
    if not absent:
        return []
    return [f"{listed(absent)} {was(absent)} not measured{_reason(runs)}"]


def _reason(runs):
    for run in runs:
        meter = (run.info or {}).get("meter") or {}
        reason = (meter.get("unavailable") or {}).get("nvml")
        if reason:
            return f" ({str(reason).rstrip('.')})"
    return ""


def verdicts(claims):
    """How many of the paper's statements came out again."""
    if claims is None:
        return (
            "How many of the paper's statements come out again was not judged: "
            "tables/claims.csv is missing."
        )
    counted = counts(claims)
    given = {answer: n for answer, n in counted["verdict"].items() if n}
    parts = [f"{n} {was(n)} {answer}" for answer, n in given.items()]
    met = settings_met(claims)
    if met:  # the first answer is «reproduced»
        parts[0] += f" ({met} for being set so)"
    wrong = counted["self_check"][INCONSISTENT]
    own = f"{wrong or 'none'} of them {'contradicts' if wrong == 1 else 'contradict'}"
    tests, stated = distinct_tests(claims)
    return (
        f"Of the paper's {count_of(len(claims), 'quantitative statement')}, which are "
        f"{count_of(tests, 'distinct test')}, {stated} of them of settings, "
        f"{listed(parts or ['none was judged'])}; {own} the paper's own tables."
    )
