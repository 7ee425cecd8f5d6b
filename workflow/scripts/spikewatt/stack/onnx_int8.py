"""A quantised network by ONNX Runtime's integer operations, on the CPU.

ONNX Runtime decides when a graph is opened which of its parts become integer
operations. Where one that has weights stayed in float32, the path is refused: it would
not be what it is called.
"""

import tempfile
from pathlib import Path

import numpy as np

from spikewatt.stack.onnx_graph import IMAGE, LOGITS, Unfit, graph, require_fit

# What the sums of QDQ graphs become; and what they would be in float32.
INTEGER = ("QGemm", "QLinearConv")
FLOAT = ("Gemm", "MatMul", "FusedMatMul", "FusedGemm", "Conv", "FusedConv")
# Without VNNI a CPU adds products of signed bytes in 16 bits, which run over; this has
# unsigned ones taken there, which do not.
EXACT = ("session.x64quantprecision", "1")
ERRORS_ALONE = 3
INSTALL = "pip install -r envs/onnx.txt"


class Int8Unavailable(RuntimeError):
    """The integer path cannot run here; the message says why, and what to do."""


class Int8:
    """A network opened in ONNX Runtime; calling it gives an image's class.

    plan, network: of a run; threads: that it computes with. kinds: the operations
    that ONNX Runtime made of it, in order; version: its own. Raises `Int8Unavailable`.
    """

    def __init__(self, plan, network, threads):
        try:
            require_fit(plan)
            import onnxruntime

            self.version = onnxruntime.__version__
            self.session, self.kinds = _opened(onnxruntime, graph(network), threads)
        except Unfit as error:
            raise Int8Unavailable(str(error)) from error
        except ImportError as error:
            raise Int8Unavailable(f"{error}; {INSTALL}") from error
        left = [kind for kind in self.kinds if kind in FLOAT]
        count = sum(kind in INTEGER for kind in self.kinds)
        if left or count != len(network.layers):
            raise Int8Unavailable(
                f"ONNX Runtime {self.version} made {count} of {len(network.layers)} "
                f"layers whole numbers here: {', '.join(self.kinds)}"
            )

    def logits(self, image):
        """float32 1×classes of an image, uint8 1×C×H×W."""
        return self.session.run([LOGITS], {IMAGE: image})[0]

    def __call__(self, image):
        return int(np.argmax(self.logits(image)))


def _opened(onnxruntime, model, threads):
    """(session, the kinds of its operations as they were made)."""
    import onnx

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = ERRORS_ALONE
    options.add_session_config_entry(*EXACT)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made.onnx"
        options.optimized_model_filepath = str(made)
        try:
            session = onnxruntime.InferenceSession(
                model.SerializeToString(), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # its own kinds, which have no common parent
            raise Int8Unavailable(f"ONNX Runtime refuses the graph: {error}") from error
        kinds = [node.op_type for node in onnx.load(made).graph.node]
    return session, kinds
