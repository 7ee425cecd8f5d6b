"""Names of prepared data: one file for each data set and way of preparing it.

`<dataset>` holds the data by the common settings: the config's, and over them those
that the data set brings. A network with event settings of its own has
`<dataset>_bin<n>us_filter<n>us`, and `_joined<n>` behind it where n × n pixels become
one, so that the name tells how it was prepared, and networks with equal settings share
it.
"""

import re

from spikewatt.workflow import settings

# What a prepared file's name adds to the data set's, as a regular expression.
EVENTS = r"(_bin[1-9]\d*us_(filter[1-9]\d*us|unfiltered)(_joined[1-9]\d*)?)?"


def name(config, network):
    """The name of the prepared data that `network` (its mapping) learns from."""
    own, dataset = settings.events(config, network), network["dataset"]
    same = own is None or own == settings.common_events(config, dataset)
    return dataset + ("" if same else suffix(own))


def suffix(events):
    """«_bin30000us_filter10000us»: event settings as a part of a file's name."""
    time = events["filter_time_us"]
    filtered = "unfiltered" if time is None else f"filter{time}us"
    factor = events.get("spatial_factor", 1)
    joined = "" if factor == 1 else f"_joined{factor}"
    return f"_bin{events['bin_us']}us_{filtered}{joined}"


def event_settings(config, dataset, written):
    """The event settings that `written` says, as `suffix` wrote it.

    «» means the common ones of `dataset`. Raises ValueError for what `suffix` does not
    write.
    """
    if not written:
        return settings.common_events(config, dataset)
    if not re.fullmatch(EVENTS, written):
        raise ValueError(f"{written!r} says no event settings")
    found = {
        key: int(n) for key, n in re.findall(r"_(bin|filter|joined)(\d+)", written)
    }
    read = {"filter_time_us": found.get("filter"), "bin_us": found["bin"]}
    factor = found.get("joined", 1)
    return read if factor == 1 else {**read, "spatial_factor": factor}
