# spikewatt: do spiking neural networks pay on ordinary hardware?
#
#   snakemake --cores 1                          the paper, complete
#   snakemake --cores 1 exp2                     one experiment: runs, tables, figure
#   snakemake --cores 1 exp2/cnn                 one network
#   snakemake --cores 1 --configfile config/smoke.yaml    the same on tiny data
#   snakemake --cores 1 data                     what needs the internet, beforehand
#   snakemake --cores 1 plan                     how many runs, how long, how much disk
#   snakemake --cores 1 nir                      NIR files of what NIR can express
#
# From another folder: -s PATH/Snakefile, with -d FOLDER for the results, or as a module.
# config.yaml is what any config is laid over. The rules stand in workflow/rules/, one file a stage.


include: "workflow/rules/common.smk"
include: "workflow/rules/cluster_common.smk"
include: "workflow/rules/data.smk"


# Without these rules nothing is trained, and runs are files that are there or not.
if not config["allow_missing"]:

    include: "workflow/rules/train.smk"


include: "workflow/rules/plan.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/summary.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/nir.smk"


rule all:
    """Everything: runs, tables, figures, the summary and the report."""
    default_target: True
    input:
        TABLES,
        SUMMARY,
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


# exp1, exp2, exp3, and what other experiments the config has: runs, tables and figure.
for experiment in EXPERIMENTS:

    rule:
        name:
            experiment
        input:
            asked_runs([experiment]),
            tables_of(experiment),
            figures_of(experiment),


# exp1/ann and so on: the runs of one network.
for experiment, network in [] if config["allow_missing"] else NETWORKS:

    rule:
        name:
            f"{experiment}/{network}"
        input:
            asked_runs([experiment], [network]),


explain_errors(explain)
tell_why(why_again)


onerror:
    say(way_back(log))
