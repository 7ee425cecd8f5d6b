# Trained spiking networks as files of the neuromorphic intermediate representation, for
# those who have a chip. What NIR cannot express is said before anything is trained.


include: "nir_common.smk"


rule nir:
    """Trained spiking networks as NIR files, all that NIR can express."""
    input:
        lambda wildcards: nir_files(),


rule export_nir:
    """A trained spiking network as a NIR file."""
    input:
        unpack(exported_run),
    output:
        f"{RESULTS}/nir/{{run}}_{{stack}}_seed{{seed}}.nir",
    log:
        f"{RESULTS}/logs/{{run}}_{{stack}}_seed{{seed}}_nir.log",
    wildcard_constraints:
        run="|".join(EXPORTED),
    conda:
        "../../envs/nir.yaml"
    params:
        code=code_digest("export_nir.py"),
    message:
        "NIR file of {wildcards.run} ({wildcards.stack} stack, seed {wildcards.seed})"
    script:
        "../scripts/export_nir.py"
