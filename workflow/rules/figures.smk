# Figures: all of the paper's, and three of our own. A rule draws all formats of a figure
# at once, and knows only the code that it uses. tables.smk stands before this file: it
# says with which runs the paper is answered.


include: "figures_common.smk"


rule figure_images:
    """Figure 1: an image of MNIST and one of CIFAR-10, with their labels."""
    input:
        f"resources/{SOURCE}/datasets/mnist.safetensors",
        f"resources/{SOURCE}/datasets/cifar10.safetensors",
        FIGURE_STYLE,
    output:
        drawn("fig01", "fig_images", METHODS, "Figure 1: images"),
    log:
        f"{RESULTS}/logs/fig01.log",
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_digest("figure_images.py"),
        stem=figure_stem,
    message:
        "Figure 1: images"
    script:
        "../scripts/figure_images.py"


rule figure_events:
    """Figure 2: the events of each saccade of one N-MNIST recording."""
    input:
        f"resources/{SOURCE}/datasets/nmnist.safetensors",
        FIGURE_STYLE,
    output:
        drawn("fig02", "fig_events", METHODS, "Figure 2: events"),
    log:
        f"{RESULTS}/logs/fig02.log",
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_digest("figure_events.py"),
        stem=figure_stem,
    message:
        "Figure 2: events"
    script:
        "../scripts/figure_events.py"


rule figure_circuit:
    """Figure 3: the RC circuit of the passive membrane."""
    input:
        FIGURE_STYLE,
    output:
        drawn("fig03", "fig_circuit", METHODS, "Figure 3: circuit"),
    log:
        f"{RESULTS}/logs/fig03.log",
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_digest("figure_circuit.py"),
        stem=figure_stem,
    message:
        "Figure 3: circuit"
    script:
        "../scripts/figure_circuit.py"


rule figure_neuron:
    """Figure 4: a leaky integrate-and-fire neuron, from input to output spikes."""
    input:
        FIGURE_STYLE,
    output:
        drawn("fig04", "fig_neuron", METHODS, "Figure 4: neuron"),
    log:
        f"{RESULTS}/logs/fig04.log",
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_digest("figure_neuron.py"),
        stem=figure_stem,
        neuron={key: config["neuron"][key] for key in ("beta", "threshold")},
    message:
        "Figure 4: neuron"
    script:
        "../scripts/figure_neuron.py"


rule figure_graph:
    """Figures 5 and 6: computation graphs of forward and backward propagation."""
    input:
        FIGURE_STYLE,
    output:
        drawn("{graph_figure}", "fig_graph", METHODS, graph_name),
    log:
        f"{RESULTS}/logs/{{graph_figure}}.log",
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_digest("figure_graph.py"),
        stem=figure_stem,
        name=graph_name,
        direction=lambda wildcards: GRAPH_FIGURES[wildcards.graph_figure],
    message:
        "{params.name}"
    script:
        "../scripts/figure_graph.py"


rule figure_architecture:
    """Figures 7 to 9: the networks of an experiment, layer by layer."""
    input:
        FIGURE_STYLE,
    output:
        drawn("{architecture_figure}", "fig_architecture", METHODS, architecture_name),
    log:
        f"{RESULTS}/logs/{{architecture_figure}}.log",
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_digest("figure_architecture.py"),
        stem=figure_stem,
        name=architecture_name,
        architecture=architecture_of,
    message:
        "{params.name}"
    script:
        "../scripts/figure_architecture.py"


rule figure_experiment:
    """Figures 10 to 12: accuracy, time, memory and power of an experiment."""
    input:
        lambda wildcards: run_files(result_runs(wildcards), *TRAINED),
        FIGURE_STYLE,
        PAPER_TABLE1,
    output:
        drawn("{result_figure}", "fig_experiment", OUTCOMES, result_name),
    log:
        f"{RESULTS}/logs/{{result_figure}}.log",
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_digest("figure_experiment.py"),
        stem=figure_stem,
        name=result_name,
        runs=result_runs,
        result=result_of,
    message:
        "{params.name}"
    script:
        "../scripts/figure_experiment.py"


rule figure_stacks:
    """What is spiking, what is software: costs and their ratios by stack."""
    input:
        run_files(expected_runs(), *TRAINED),
        FIGURE_STYLE,
        PAPER_TABLE1,
    output:
        drawn("fig_stacks", "fig_stacks", OUTCOMES, "What is spiking, what is software"),
    log:
        f"{RESULTS}/logs/fig_stacks.log",
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_digest("figure_stacks.py"),
        stem=figure_stem,
        runs=expected_runs(),
        plans=PLANS,
    message:
        "Figure fig_stacks: what is spiking, what is software"
    script:
        "../scripts/figure_stacks.py"


rule figure_tradeoff:
    """Test accuracy against energy, or time, per inference of all networks."""
    input:
        run_files(TABLE_RUNS, *TESTED),
        FIGURE_STYLE,
    output:
        drawn("fig_tradeoff", "fig_tradeoff", OUTCOMES, "Accuracy against cost"),
    log:
        f"{RESULTS}/logs/fig_tradeoff.log",
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_digest("figure_tradeoff.py"),
        stem=figure_stem,
        runs=TABLE_RUNS,
        plans=PLANS,
    message:
        "Figure fig_tradeoff: accuracy against cost"
    script:
        "../scripts/figure_tradeoff.py"


rule figure_epoch_times:
    """The time of every epoch of all networks, and its spread."""
    input:
        run_files(TABLE_RUNS, *TRAINED),
        FIGURE_STYLE,
        PAPER_TABLE1,
    output:
        drawn("fig_epoch_times", "fig_epoch_times", OUTCOMES, "Time of every epoch"),
    log:
        f"{RESULTS}/logs/fig_epoch_times.log",
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_digest("figure_epoch_times.py"),
        stem=figure_stem,
        runs=TABLE_RUNS,
        plans=PLANS,
    message:
        "Figure fig_epoch_times: the time of every epoch"
    script:
        "../scripts/figure_epoch_times.py"
