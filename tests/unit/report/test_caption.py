"""What stands at the top of `snakemake --report`, for the paper and for one's own."""

import re
from pathlib import Path
from types import SimpleNamespace

import jinja2
import pytest
from docutils.core import publish_string

TEXT = Path(__file__).parents[3] / "workflow" / "report" / "workflow.rst"
ODD = "Slow *`_|\\SNN_"
MINE = {"networks": {"ann": {"label": "ANN"}, "slow": {"label": ODD}}}


def rendered(experiments):
    """The text as Snakemake makes it; docutils must have nothing to say of it."""
    config = {"experiments": experiments, "results": "results/mine"}
    template = jinja2.Template(TEXT.read_text(encoding="utf-8"))
    text = template.render(snakemake=SimpleNamespace(config=config))
    settings = {"halt_level": 2, "output_encoding": "unicode"}
    html = publish_string(text, writer="html", settings_overrides=settings)
    return " ".join(re.sub("<[^>]+>", "", html.partition("<body>")[2]).split())


@pytest.mark.parametrize(
    ("experiments", "there", "absent"),
    [
        ({"exp1": MINE, "exp2": MINE}, ["Experiment 2:", "Luo"], ["Experiment 3:"]),
        (
            {"mine": MINE},
            [f"«mine» of one's own: ANN, {ODD}."],
            ["Luo", "MNIST"],
        ),
        ({"exp1": None, "mine": MINE}, ["«mine»"], ["Experiment 1:"]),
    ],
)
def test_it_tells_of_the_experiments_that_are_there(experiments, there, absent):
    text = rendered(experiments)
    assert "results/mine" in text
    assert [words for words in there if words not in text] == []
    assert [words for words in absent if words in text] == []


def test_a_workflow_that_uses_this_one_may_have_another_config():
    template = jinja2.Template(TEXT.read_text(encoding="utf-8"))
    text = template.render(snakemake=SimpleNamespace(config={"theirs": 1}))
    assert "Do spiking networks pay" in text and "folder" not in text
