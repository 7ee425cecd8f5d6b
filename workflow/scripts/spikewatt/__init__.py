"""spikewatt: do spiking neural networks pay on ordinary hardware?"""

import importlib

__version__ = "0.1.0"


def load(folder, data=None, device=None):
    """Open a finished run: its network, its data and its predictions.

    folder: of the run, <results>/runs/<experiment>/<network>/<stack>/seed<k>; data: its
    prepared file where that lies elsewhere than it was; device: cpu, cuda or cuda:<n>
    where it is to be another than the one of the test. Returns a
    `spikewatt.train.opened.LoadedRun`. Raises `spikewatt.train.vouched.NotLoadable`, a
    ValueError, which says what is missing and how it comes back.
    """
    # By its name and when asked for: `import spikewatt` loads no torch, and what every
    # script imports doesn't reach all of the library (`workflow.digest.FOR_PEOPLE`).
    return importlib.import_module("spikewatt.train.opened").load(folder, data, device)
