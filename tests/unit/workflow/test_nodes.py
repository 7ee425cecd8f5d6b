"""What nodes have, as sinfo says, against what jobs ask for."""

import pytest

from spikewatt.workflow.nodes import NodeSize, lacking, parsed

# As `sinfo -h -N -e -o "%c|%m|%G"` writes it: none, typed, with sockets, two kinds.
SINFO = """\
2|16000|(null)
64|515000|gpu:a100:4(S:0-1),nvme:1
32|192000|gpu:1
48|384000|gpu:v100:2,gpu:t4:1
16|64000|shard:gpu:4
a line of something else
"""


def test_nodes_are_read_as_sinfo_writes_them():
    assert parsed(SINFO) == [
        NodeSize(0, 2, 16000),
        NodeSize(4, 64, 515000),
        NodeSize(1, 32, 192000),
        NodeSize(3, 48, 384000),
        NodeSize(0, 16, 64000),
    ]


@pytest.mark.parametrize("asked", [NodeSize(0, 2, 4000), NodeSize(1, 2, 16000)])
def test_a_job_that_some_node_can_run_is_let_through(asked):
    assert (
        lacking("train", asked, [NodeSize(0, 8, 4000), NodeSize(1, 2, 16000)]) is None
    )


def test_where_sinfo_says_nothing_nothing_is_refused():
    assert lacking("train", NodeSize(8, 1000, 10**7), []) is None


@pytest.mark.parametrize(
    "asked, words",
    [
        (NodeSize(1, 2, 4000), ["1 GPU, and the largest node has none", "device=cpu"]),
        (NodeSize(0, 8, 4000), ["8 cores, and the largest node has 4", "threads=4"]),
        (NodeSize(0, 2, 9000), ["9000 MB", "has 8000", "train:mem_mb=8000"]),
        (
            NodeSize(0, 4, 8000),
            ["4 cores, 8000 MB of memory, and no node has all"],
        ),
    ],
)
def test_what_no_node_has_is_named_with_what_to_do(asked, words):
    said = lacking("train", asked, [NodeSize(0, 4, 4000), NodeSize(0, 2, 8000)])
    assert all(word in said for word in words), said
