"""Which data sets torchvision and tonic read themselves, for `loading: library`.

The Snakefile imports this module: it imports nothing heavy.
"""

# Data set → the class of `torchvision.datasets`.
TORCHVISION = {
    "mnist": "MNIST",
    "fashion_mnist": "FashionMNIST",
    "kmnist": "KMNIST",
    "cifar10": "CIFAR10",
    "cifar100": "CIFAR100",
}
# Data set → the class of `tonic.datasets`.
TONIC = {"nmnist": "NMNIST"}
READ = (*TORCHVISION, *TONIC)
