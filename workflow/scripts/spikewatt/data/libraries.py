"""Which data sets torchvision and tonic read themselves, for `loading: library`.

The Snakefile imports this module: it imports nothing heavy.
"""

# By the class that the catalogue calls its `library`.
TORCHVISION = ("mnist", "fashion_mnist", "kmnist", "cifar10", "cifar100")
TONIC = ("nmnist",)
READ = (*TORCHVISION, *TONIC)
