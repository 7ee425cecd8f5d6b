"""spikewatt: do spiking neural networks pay on ordinary hardware?"""

__version__ = "0.1.0"
