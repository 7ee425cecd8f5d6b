"""Ticks at a fixed rate, without drift, with the missed ones counted."""


class Ticker:
    """Tick k is due at start + k · period, however late earlier ticks were served."""

    def __init__(self, rate_hz, start):
        self.period, self.start, self.number = 1 / rate_hz, start, 0

    @property
    def due(self):
        """When the next tick is due, in seconds of the caller's clock."""
        return self.start + self.number * self.period

    def serve(self, now):
        """Count the tick that is served `now`; returns how many were missed before.

        A tick is missed when the one after it is due already.
        """
        reached = max(int((now - self.start) / self.period), self.number)
        missed = reached - self.number
        self.number = reached + 1
        return missed
