# spikewatt: do spiking neural networks pay on ordinary hardware?
#
#   snakemake --cores 1                          the paper, complete
#   snakemake --cores 1 exp2                     one experiment
#   snakemake --cores 1 --configfile config/smoke.yaml    the same on tiny data
#   snakemake --cores 1 data                     what needs the internet, beforehand
#
# From another folder: -s PATH/Snakefile, with -d FOLDER for the results, or as a module.
# config.yaml is what any config is laid over. The rules stand in workflow/rules/, one file a stage.


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"


rule all:
    """Everything: runs, tables, figures and the report."""
    default_target: True
    input:
        TABLES,
        figure_files(),
        f"{RESULTS}/report.html",


rule data:
    """The prepared data that the experiments need: what is fetched ends here."""
    input:
        data_files(),


rule tables:
    """All tables, and the runs they need."""
    input:
        TABLES,


rule figures:
    """All figures, and the runs they need."""
    input:
        figure_files(),


# exp1, exp2, exp3, and what other experiments the config has.
for experiment in EXPERIMENTS:

    rule:
        name:
            experiment
        input:
            experiment_files(experiment),


onerror:
    print(way_back(), file=sys.stderr)
