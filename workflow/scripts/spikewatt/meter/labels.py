"""Which phase a moment belongs to."""


class Labels:
    """Phase edges in order of time; asked for moments in order of time."""

    def __init__(self):
        self.current, self.coming = ("", None), []

    def add(self, moment, name, epoch):
        """From `moment` on the phase is `name` of `epoch`; "" for none."""
        self.coming.append((moment, (name, epoch)))

    def at(self, moment):
        """(phase, epoch) at `moment`; never asked for an earlier moment later."""
        while self.coming and self.coming[0][0] <= moment:
            self.current = self.coming.pop(0)[1]
        return self.current
