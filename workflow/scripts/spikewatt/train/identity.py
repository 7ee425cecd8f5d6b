"""What makes a run: whatever decides its result, and nothing else.

Device, threads and tracking are no part of it. No torch here: whether a finished run
can be taken up is known before torch is loaded.
"""

import hashlib
import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Identity:
    """One run of one network.

    plan: its settings (`workflow.plan.run_plan`); code: the digest of the code of this
    stack (`workflow.digest.run_digest`); data: the digest of the prepared data set,
    which stands for the settings that it was prepared with too (`data.arrays.digest`);
    weights: the SHA-256 of those that it is converted from, None for what is trained.
    """

    plan: dict
    stack: str
    seed: int
    code: str
    data: str
    weights: str | None = None

    @property
    def columns(self):
        """What says in a table which run it is: `results.runs.RUN_COLUMNS` → value."""
        names = {name: self.plan[name] for name in ("experiment", "network")}
        return names | {"stack": self.stack, "seed": self.seed}

    @property
    def name(self):
        """«exp1/snn/reference/seed0»."""
        *names, seed = self.columns.values()
        return "/".join((*names, f"seed{seed}"))

    @property
    def digest(self):
        """16 hexadecimal digits: `identity` in run.json."""
        told = asdict(self)
        return digest({k: v for k, v in told.items() if k != "weights" or v})


def digest(value):
    """16 hexadecimal digits of any JSON-able value; the order of keys is no matter."""
    text = json.dumps(value, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
