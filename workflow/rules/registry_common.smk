# What the rules of tables.smk and figures.smk ask: what a registry's entry is made from.
from spikewatt.figures import registry as figure_registry
from spikewatt.figures.layers import drawings
from spikewatt.results.registry import ALL
from spikewatt.tables import registry as table_registry

# The paper is answered by the reference stack, as it is what the paper ran.
MAIN_STACK = "reference" if "reference" in config["stacks"] else config["stacks"][0]
# What the runs must have been made with: others are refused.
ONLY_STACK = config["stacks"][0] if len(config["stacks"]) == 1 else None
PLANS = {
    f"{experiment}/{network}": run_plan(config, experiment, network, ONLY_STACK)
    for experiment, setting in EXPERIMENTS.items()
    for network in setting["networks"]
}


def experiments_of(entry):
    """The experiments that a table or figure shows."""
    return [entry.experiment] if entry.experiment else list(EXPERIMENTS)


def runs_of(entry):
    """The runs that it is made from, as one list; None where it needs none."""
    if not entry.stages:
        return None
    stacks = config["stacks"] if entry.stacks == ALL else [MAIN_STACK]
    return expected_runs(experiments_of(entry), stacks)


def lazily(function, *arguments):
    """What `function` gives of these, once a job asks for it.

    The process of each job reads all rules: with a thousand runs, listing their files
    for every rule that it does not run takes it seconds.
    """
    return lambda wildcards: function(*arguments)


def plans_of(entry):
    """What those runs must have been made with."""
    shown = experiments_of(entry)
    return {name: PLANS[name] for name in PLANS if name.split("/")[0] in shown}


def labelled_plans(entry):
    """(label, plan) of its networks: what they are called is no part of a plan."""
    for name, plan in plans_of(entry).items():
        experiment, network = name.split("/")
        yield EXPERIMENTS[experiment]["networks"][network]["label"], plan


# What a maker may ask for of the config, by the names of `Entry.settings`.
SETTINGS = {
    "plans": plans_of,
    "source": lambda entry: SOURCE,
    "beta": lambda entry: config["neuron"]["beta"],
    "threshold": lambda entry: config["neuron"]["threshold"],
    "title": lambda entry: EXPERIMENTS[entry.experiment]["title"],
    "drawings": lambda entry: drawings(labelled_plans(entry)),
}


def arguments_of(entry):
    """What the maker gets by name, as one dict."""
    asked = {name: SETTINGS[name](entry) for name in entry.settings}
    return {**entry.arguments, **asked}


def entry_runs(entry):
    """The files of runs that it waits for; only those that exist if `allow_missing`.

    Those with numbers: the facts beside them are of the same job, and with thousands of
    runs a plan takes as long as the list of all that is waited for. That facts are there
    is seen to by the summary and the report, and by the targets of experiments.
    """
    return run_files(runs_of(entry) or [], *entry.numbers)


def entry_datasets(entry):
    """The prepared data sets that it is made from."""
    return [
        f"resources/{SOURCE}/datasets/{name}.safetensors" for name in entry.datasets
    ]


def entry_code(script, entry):
    """As `code_digest`, of the script and of the module that makes this one."""
    path = SCRIPTS.joinpath(*entry.module.split("."))
    own = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    parts = code_digest(script), code_digest(own)
    return lambda wildcards: " ".join(part(wildcards) for part in parts)


def of_config(registry):
    """The entries of a registry that this config calls for."""
    try:
        return registry.entries(EXPERIMENTS)
    except ValueError as error:
        raise WorkflowError(str(error))
