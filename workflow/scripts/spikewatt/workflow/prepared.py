"""Names of prepared data: one file for each data set and way of preparing it.

`<dataset>` holds the data by the config's common settings. A network with event
settings of its own has `<dataset>_bin<n>us_filter<n>us`, so that the name tells how it
was prepared, and networks with equal settings share it.
"""

import re

from spikewatt.workflow import settings

# What a prepared file's name adds to the data set's, as a regular expression.
EVENTS = r"(_bin[1-9]\d*us_(filter[1-9]\d*us|unfiltered))?"


def name(config, network):
    """The name of the prepared data that `network` (its mapping) learns from."""
    own = settings.events(config, network)
    same = own is None or own == config["events"]
    return network["dataset"] + ("" if same else suffix(own))


def suffix(events):
    """«_bin30000us_filter10000us»: event settings as a part of a file's name."""
    time = events["filter_time_us"]
    filtered = "unfiltered" if time is None else f"filter{time}us"
    return f"_bin{events['bin_us']}us_{filtered}"


def event_settings(config, written):
    """The event settings that `written` says, as `suffix` wrote it; «» is the common.

    Raises ValueError for what `suffix` does not write.
    """
    if not written:
        return config["events"]
    if not re.fullmatch(EVENTS, written):
        raise ValueError(f"{written!r} says no event settings")
    numbers = [int(number) for number in re.findall(r"\d+", written)]
    bin_us, filter_time_us = (*numbers, None)[:2]
    return {"filter_time_us": filter_time_us, "bin_us": bin_us}
