"""Checkpoints of a training run: a killed job goes on after its last whole epoch.

A checkpoint is one safetensors file: weights, best weights, optimiser and random
streams as tensors, the rest as JSON in its metadata. Nothing is unpickled. It lives
outside Snakemake's declared outputs, since those are deleted when a job starts, and
carries the identity of its run: one of other settings, another code or other data is
set aside, not used. A digest of its content shows damage. The two newest are kept, in
case the newest is damaged.
"""

import hashlib
import json
import logging
import re
import shutil
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from spikewatt.files import atomic
from spikewatt.train.finished import remove_at_once
from spikewatt.train.identity import digest

KEPT = 2
UNUSED = ".unused"
log = logging.getLogger("spikewatt")


class Checkpoints:
    """The checkpoints of one run, in `folder`; `identity` says what they belong to.

    `identity` is any JSON-able value (see `identity.Identity`).
    """

    def __init__(self, folder, identity):
        self.folder = Path(folder)
        self.digest = digest(identity)

    def save(self, epoch, tensors, facts):
        """Keep what is needed to go on after `epoch`.

        tensors: name → tensor; facts: a JSON-able dict.
        """
        text = json.dumps({"epoch": epoch, **facts})
        tensors = {name: value.detach().contiguous() for name, value in tensors.items()}
        metadata = {
            "digest": self.digest,
            "facts": text,
            "content": content(tensors, text),
        }
        with atomic.placing(self.folder / f"epoch_{epoch:04}.safetensors") as path:
            save_file(tensors, path, metadata=metadata)
        for old in self._newest_first()[KEPT:]:
            old.unlink()

    def load(self):
        """(tensors, facts) of the newest usable checkpoint, or None."""
        for path in self._newest_first():
            try:
                return self._read(path)
            except (SafetensorError, OSError, KeyError, ValueError) as error:
                aside = path.with_suffix(UNUSED)
                path.replace(aside)
                log.warning("checkpoint set aside as %s: %s", aside, error)
        return None

    def clear(self):
        """Delete what a run of another config left here, but what was set aside."""
        for path in self.folder.glob("*"):
            if path.is_dir():
                shutil.rmtree(path)
            elif path.suffix != UNUSED:
                path.unlink()

    def remove(self):
        """Delete all checkpoints: the run is complete.

        They lose their name at once, so that a kill leaves all of them or none.
        """
        remove_at_once(self.folder)

    def _read(self, path):
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            if metadata.get("digest") != self.digest:
                raise ValueError("it belongs to another config, code or data")
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if metadata["content"] != content(tensors, metadata["facts"]):
            raise ValueError("its content has changed since it was written")
        return tensors, json.loads(metadata["facts"])

    def _newest_first(self):
        pattern = re.compile(r"epoch_\d{4,}\.safetensors")
        files = [path for path in self.folder.glob("*") if pattern.fullmatch(path.name)]
        return sorted(files, key=lambda path: int(path.stem[6:]), reverse=True)


def content(tensors, text):
    """The SHA-256 of tensors and text."""
    total = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        total.update(name.encode())
        total.update(tensors[name].cpu().flatten().view(torch.uint8).numpy())
    return total.hexdigest()


def optimiser_tensors(optimiser):
    """The state of an optimiser as name → tensor, «optimiser.<parameter>.<key>»."""
    return {
        f"optimiser.{number}.{key}": torch.as_tensor(value)
        for number, state in optimiser.state_dict()["state"].items()
        for key, value in state.items()
    }


def restore_optimiser(optimiser, tensors):
    """Put back what `optimiser_tensors` gave."""
    state = {}
    for name, value in tensors.items():
        if name.startswith("optimiser."):
            _, number, key = name.split(".", 2)
            state.setdefault(int(number), {})[key] = value.clone()
    current = optimiser.state_dict()
    optimiser.load_state_dict({**current, "state": state})


def prefixed(prefix, tensors):
    """`tensors` with «prefix.» before each name."""
    return {f"{prefix}.{name}": value for name, value in tensors.items()}


def unprefixed(prefix, tensors):
    """The tensors whose name starts with «prefix.», without it."""
    start = f"{prefix}."
    return {
        name.removeprefix(start): value
        for name, value in tensors.items()
        if name.startswith(start)
    }
