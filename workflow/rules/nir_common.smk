# Which networks of the config have NIR files, and what stands in the way of others.
from snakemake.settings.types import DeploymentMethod
from spikewatt.workflow import nir

# «exp1_snn» → ("exp1", "snn"); one word in the file's name, as two could be cut apart
# in several ways.
EXPORTED = {
    f"{experiment}_{network}": (experiment, network) for experiment, network in NETWORKS
}


def require_nir():
    """Stop where the library that writes the files is not there."""
    deployed = workflow.deployment_settings.deployment_method
    if DeploymentMethod.CONDA not in deployed:
        missing = nir.missing_package(PROJECT / "envs" / "nir.txt")
        if missing:
            refuse(missing)


def exported_run(wildcards):
    """The weights of a run and what its training recorded, if NIR can express it."""
    require_nir()
    experiment, network = EXPORTED[wildcards.run]
    sentences = nir.refused(config, experiment, network)
    if sentences:
        refuse(nir.told(f"{experiment}/{network}", sentences))
    folder = run_folder(experiment, network, wildcards.stack, wildcards.seed)
    return {"model": f"{folder}/model.safetensors", "facts": f"{folder}/run.json"}


@functools.cache
def nir_files():
    """The files of all networks that NIR can express; the others are told of."""
    require_nir()
    files, left_out = [], []
    for run, (experiment, network) in EXPORTED.items():
        sentences = nir.refused(config, experiment, network)
        if sentences:
            left_out.append(nir.told(f"{experiment}/{network}", sentences))
            continue
        files += [
            f"{RESULTS}/nir/{run}_{one['stack']}_seed{one['seed']}.nir"
            for one in expected_runs([experiment], networks=[network])
            if not config["allow_missing"] or run_files([one], "model.safetensors")
        ]
    text = "\n".join(left_out)
    if not files:
        absent = [nir.NONE_THERE] if len(left_out) < len(EXPORTED) else []
        refuse("\n".join([*left_out, *absent]))
    if text:
        say(text)
    return files
