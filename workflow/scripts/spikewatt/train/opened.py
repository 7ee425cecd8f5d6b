"""A finished run opened in Python, with the predictions that its test made.

What `spikewatt.load` gives. The test's own draws of the coding, its batches and its
number of threads are used again, so that predictions come out as predictions.csv holds
them, to the last sample, on the device that they were made on.
"""

import contextlib
import warnings
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch

from spikewatt.train import assembly, machine, testing, vouched, whereabouts
from spikewatt.train.loop import one_pass


@dataclass(frozen=True, repr=False)
class LoadedRun:
    """A finished run.

    name: «exp1/snn/reference/seed0»; config: its settings; facts: all of run.json;
    epochs: a row an epoch; test: its row of Table II (a Series); predictions: index in
    the test set, label and prediction of each tested sample, as the test wrote them.
    """

    folder: Path
    name: str
    facts: dict
    epochs: pd.DataFrame
    test: pd.Series
    predictions: pd.DataFrame
    setup: assembly.Setup
    start: dict  # the states of the random streams before the test
    threads: int  # that the test computed with

    def __repr__(self):
        accuracy = self.test["test_accuracy_pct"]
        return f"<{self.name}: test accuracy {accuracy:.2f} %, on {self.setup.device}>"

    @property
    def config(self):
        """The settings of the run, as a dict."""
        return self.setup.plan

    @property
    def network(self):
        """The weights of the best validation accuracy, an `nn.Module`.

        `layers` describes them; calling the run itself runs them.
        """
        return self.setup.network

    @property
    def data(self):
        """The prepared data as the network sees it; `data.split("test").labels` …"""
        return self.setup.data

    def __call__(self, samples):
        """Output spikes T×B×classes, or logits B×classes, in evaluation.

        samples: what `batches` gives, or float32 on the network's device: spike trains
        T×B×C×H×W, or images B×C×H×W in [0, 1] for a network without spikes.
        """
        self.network.eval()
        with torch.no_grad():
            return self.setup.stack(samples)

    def batches(self):
        """The test's (input, target) batches, in its order and with its draws."""
        return self._batches()[1]

    def predict(self):
        """Go through the test once more: a DataFrame as `predictions`, computed anew.

        The process's threads and switches of torch are as before afterwards.
        """
        with torch_as_before():
            machine.prepare(self.config, self._conditions())
            indices, batches = self._batches()
            result = one_pass(self.setup.stack, self.setup.objective, batches)
        return testing.predicted(indices, result)

    def _conditions(self):
        return machine.Conditions(str(self.setup.device), self.threads)

    def _batches(self):
        self.setup.streams.restore(self.start)
        indices = testing.tested(self.setup)
        return indices, self.setup.stack.batches("test", indices, shuffle=False)


def load(folder, data=None, device=None):
    """Open the run in `folder`; see `spikewatt.load`."""
    run = vouched.read(folder)
    try:
        return opened(run, whereabouts.dataset(run, data), device)
    except KeyError as error:
        raise vouched.NotLoadable(
            f"{run.folder / vouched.RUN_JSON} has no setting {error}: another version "
            "of spikewatt made this run, and this one can't open it"
        ) from error


def opened(run, dataset, device=None):
    """The `LoadedRun` of whole files, a `vouched.Vouched`, and its prepared data."""
    used = run.tested["conditions"]
    conditions = machine.Conditions(device or device_of(used), used["threads"])
    setup = assembled(run, dataset, conditions)
    assembly.load_weights(setup.network, run.folder / vouched.MODEL)
    warn_of_another_device(run, setup)
    return LoadedRun(
        run.folder,
        run.name,
        run.facts,
        run.results.epochs,
        run.results.test,
        run.predictions,
        setup,
        setup.streams.state(),
        used["threads"],
    )


def assembled(run, dataset, conditions):
    """The run's `assembly.Setup` for testing; torch is left as it was."""
    plan, stack, seed = (run.facts[name] for name in ("config", "stack", "seed"))
    with torch_as_before():
        return assembly.build(plan, dataset, stack, seed, "test", conditions)


def device_of(used):
    """The device that a test used, or one that is there.

    used: `conditions` of its test.json.
    """
    device = torch.device(used["device"])
    if device.type != "cuda":
        return str(device)
    there = torch.cuda.is_available() and device.index < torch.cuda.device_count()
    return str(device) if there else "auto"


def warn_of_another_device(run, setup):
    """Say so where predictions may come out otherwise than the test's."""
    used, here = run.tested["conditions"], machine.used(setup.device)
    if torch.device(used["device"]).type == setup.device.type and (
        setup.device.type == "cpu" or used["hardware"] == here["hardware"]
    ):
        return
    coding = setup.plan["encoding"] == "rate"
    draws = "draws other random numbers for the rate coding and " if coding else ""
    warnings.warn(
        f"{run.name} was tested on {used['hardware']} ({used['device']}); "
        f"{here['hardware']} ({here['device']}) {draws}rounds sums otherwise, so that "
        "predict() may differ from predictions in some samples",
        stacklevel=5,
    )


@contextlib.contextmanager
def torch_as_before():
    """Put the process's switches of torch that a run sets back afterwards."""
    threads, mode = torch.get_num_threads(), torch.get_deterministic_debug_mode()
    cuda = torch.backends.cuda.matmul
    switches = cuda.allow_tf32, cuda.allow_bf16_reduced_precision_reduction
    convolutions = torch.backends.cudnn.allow_tf32
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_deterministic_debug_mode(mode)
        cuda.allow_tf32, cuda.allow_bf16_reduced_precision_reduction = switches
        torch.backends.cudnn.allow_tf32 = convolutions
