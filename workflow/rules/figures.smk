# Figures, of the paper and of our own: which there are says
# spikewatt/figures/registry.py. A rule each, named as the figure, which draws all
# formats at once and knows only the code that it uses.


include: "figures_common.smk"


for figure in FIGURE_ENTRIES:

    rule:
        """A figure in all formats with its words, from runs or data or neither."""
        name:
            figure.name
        input:
            datasets=entry_datasets(figure),
            runs=lazily(entry_runs, figure),
            style=FIGURE_STYLE,
            paper=PAPER_NUMBERS if figure.stages else [],
        output:
            drawn(figure),
        log:
            f"{RESULTS}/logs/{figure.name}.log",
        conda:
            "../../envs/plot.yaml"
        params:
            code=entry_code("figure.py", figure),
            maker=figure.maker,
            runs=lazily(runs_of, figure),
            stages=figure.stages,
            plans=plans_of(figure) if figure.stages else {},
            arguments=arguments_of(figure),
            partial=config["allow_missing"],
        message:
            message_of(figure)
        script:
            "../scripts/figure.py"
