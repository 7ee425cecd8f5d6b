"""What run.json says of a method is what the code does."""

import torch

import made_plans
from spikewatt.paper import protocol
from spikewatt.train import method, seeds


def test_the_fixed_parts_are_the_protocols():
    for experiment, network in made_plans.NETWORKS:
        facts = method.facts(made_plans.plan(experiment, network))
        stated = protocol.of_network(experiment, network)
        wanted = {k: v.value for k, v in stated.items() if k.startswith("method.")}
        assert {f"method.{key}": value for key, value in facts.items()} == wanted


def test_seeds_are_those_of_the_streams():
    told = method.seeds_used(3)
    for stage in ("train", "test"):
        for purpose, stream in vars(seeds.streams(3, stage=stage)).items():
            generator = torch.Generator().manual_seed(int(told[stage][purpose]))
            assert torch.equal(stream.get_state(), generator.get_state())
    assert told["train"]["init"] != told["test"]["init"]


def test_the_source_is_the_folder_of_the_data():
    assert method.source("resources/sample/datasets/mnist.safetensors") == "sample"
    assert method.source("/elsewhere/mnist.safetensors") is None
