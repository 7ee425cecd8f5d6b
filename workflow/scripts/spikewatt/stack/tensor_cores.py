"""What torch lets CUDA products round: switches of the whole process.

Backward obeys them too, so they are set before every batch, where one process may
run several stacks.
"""

import torch


def torch_defaults(device):
    """As torch itself has them: float32 convolutions may use TF32."""
    switch(device, products=False, convolutions=True, sums=True)


def switch(device, products, convolutions, sums):
    """Allow TF32 in matrix products and in convolutions, and bfloat16 in sums.

    Nothing where `device` is no CUDA device.
    """
    if device.type != "cuda":
        return
    torch.backends.cuda.matmul.allow_tf32 = products
    torch.backends.cudnn.allow_tf32 = convolutions
    torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = sums
