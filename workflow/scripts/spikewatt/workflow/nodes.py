"""What the nodes of a cluster with Slurm have, against what jobs ask them for.

Many clusters take a job that none of their nodes can run, and keep it waiting for ever.
"""

import re
import subprocess
from typing import NamedTuple

# Node by node, as configured: CPUs, MB of memory, generic resources.
SINFO = ("sinfo", "--noheader", "--Node", "--exact", "--format", "%c|%m|%G")
GPUS = re.compile(r"(?:^|,)gpu(?::[^:,()]+)*?:(\d+)")
WAIT_S = 20


class NodeSize(NamedTuple):
    """What a node has, or a job asks for; memory in MB."""

    gpus: int
    cores: int
    memory: int


ASKED = NodeSize("{} GPU", "{} cores", "{} MB of memory")
INSTEAD = NodeSize(
    "--config device=cpu computes without",
    "--config threads={most} asks for as many as there are",
    "--set-resources {rule}:mem_mb={most} asks for as much as there is; a smaller "
    "training: batch_size needs less",
)


def seen():
    """`NodeSize` of every node that `sinfo` shows; none where it cannot be asked."""
    try:
        done = subprocess.run(SINFO, capture_output=True, text=True, timeout=WAIT_S)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return parsed(done.stdout) if done.returncode == 0 else []


def parsed(text):
    """`NodeSize` of each line «cores|memory|generic resources»; others are left out."""
    found = (line.strip().split("|") for line in text.splitlines())
    return [
        NodeSize(sum(map(int, GPUS.findall(words[2]))), int(words[0]), int(words[1]))
        for words in found
        if len(words) == 3 and words[0].isdigit() and words[1].isdigit()
    ]


def lacking(rule, asked, nodes):
    """Why no node can run a rule's job that asks for so much, and what to do; or None.

    asked: a `NodeSize`; nodes: a `NodeSize` each.
    """
    if not nodes or any(_within(asked, node) for node in nodes):
        return None
    largest = NodeSize(*map(max, zip(*nodes, strict=True)))
    wants = zip(asked, largest, ASKED, INSTEAD, strict=True)
    short = [
        f"{name.format(wish)}, and the largest node has {most or 'none'} "
        f"({hint.format(rule=rule, most=most)})"
        for wish, most, name, hint in wants
        if wish > most
    ]
    if short:
        return "; ".join(short)
    together = ", ".join(
        name.format(wish) for name, wish in zip(ASKED, asked, strict=True)
    )
    return f"{together}, and no node has all of it"


def _within(asked, node):
    return all(wish <= has for wish, has in zip(asked, node, strict=True))
