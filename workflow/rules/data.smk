# Where data comes from: verified archives, then one file of arrays a dataset. Which
# archives a dataset has stands in spikewatt/data/catalogue.py.


include: "data_common.smk"


ARCHIVE = f"{RESOURCES}/archives/{{dataset}}/{{file}}"
ARCHIVE_LOG = f"{RESOURCES}/logs/{{dataset}}_{{file}}.log"


wildcard_constraints:
    dataset="|".join(re.escape(name) for name in catalogue.DATASETS),
    file="|".join(
        re.escape(file) for data in catalogue.DATASETS.values() for file in data.files
    ),
    # Event settings that are not the common ones; mostly nothing.
    events=prepared.EVENTS,


if SOURCE == "official":

    rule download:
        """Fetch one official archive: several places, continued, verified."""
        output:
            archive=ARCHIVE,
            checksum=f"{ARCHIVE}.sha256",
        log:
            ARCHIVE_LOG,
        conda:
            "../../envs/data.yaml"
        threads: 1
        params:
            code=code_digest("download.py"),
            mirrors=lambda wildcards: config["mirrors"].get(wildcards.dataset, []),
        message:
            "Downloading {wildcards.file} of {wildcards.dataset}"
        script:
            "../scripts/download.py"

elif SOURCE == "local":

    rule local_archive:
        """Take one archive from the folder of the user and verify it."""
        input:
            local_archive_file,
        output:
            archive=ARCHIVE,
            checksum=f"{ARCHIVE}.sha256",
        log:
            ARCHIVE_LOG,
        conda:
            "../../envs/data.yaml"
        threads: 1
        params:
            code=code_digest("local.py"),
            checksum=checksum_of,
        message:
            "Verifying {input}"
        script:
            "../scripts/local.py"

else:

    rule sample_archive:
        """Make one archive of sample data, in the official format, from a seed."""
        output:
            archive=ARCHIVE,
            checksum=f"{ARCHIVE}.sha256",
        log:
            ARCHIVE_LOG,
        conda:
            "../../envs/data.yaml"
        threads: 1
        params:
            code=code_digest("sample.py"),
            sample=config["sample"],
        message:
            "Making sample data: {wildcards.file} of {wildcards.dataset}"
        script:
            "../scripts/sample.py"


rule prepare:
    """Turn the verified archives of one dataset into one file of arrays."""
    input:
        archives=archives_of,
        checksums=checksums_of,
    output:
        f"{RESOURCES}/datasets/{{dataset}}{{events}}.safetensors",
    log:
        f"{RESOURCES}/logs/{{dataset}}{{events}}.log",
    conda:
        "../../envs/train.yaml"
    threads: prepare_threads
    params:
        code=code_digest("prepare.py"),
        events=event_settings,
    message:
        "Preparing {wildcards.dataset}{wildcards.events}"
    script:
        "../scripts/prepare.py"
