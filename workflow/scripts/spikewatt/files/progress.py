"""Progress of long work in a log: how far, and how long still."""

import time


class Progress:
    """Reports on an iterable with a length, at most once in `every` seconds.

    Short work stays silent. `logger` is a `logging.Logger`; `what` names the work.
    """

    def __init__(self, logger, what, every=20.0, clock=time.monotonic):
        self.logger, self.what, self.every, self.clock = logger, what, every, clock

    def __call__(self, items):
        started = reported = self.clock()
        for done, item in enumerate(items):
            now = self.clock()
            if done and now - reported >= self.every:
                reported = now
                left = (now - started) / done * (len(items) - done)
                self.logger.info(
                    "%s: batch %d of %d, %s left",
                    self.what,
                    done,
                    len(items),
                    duration(left),
                )
            yield item


def duration(seconds):
    """Seconds as a person would say them: «48 s», «3 min», «2 h 05 min»."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return (
        f"{minutes} min"
        if minutes < 100
        else f"{minutes // 60} h {minutes % 60:02} min"
    )
