"""What can go wrong in measuring."""


class MeterError(RuntimeError):
    """The meter cannot do what it was asked for."""


class DeviceLost(MeterError):
    """The measured device vanished: it fell off the bus or its driver was unloaded."""


class Unavailable(MeterError):
    """A backend has nothing to read on this machine; the text says what to do."""


class NotThere(Unavailable):
    """A machine without the hardware of a backend, which nobody would miss there."""
