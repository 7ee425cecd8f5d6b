"""What is known of a data set before any of its files is opened.

The Snakefile imports this module: it imports nothing heavy.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Unpacked:
    """What an archive of one file holds, as libraries keep it beside or instead of it.

    `header` stands at the front of the official archive, before the deflated data
    (gzip: time stamp, system and the name the file once had). With it the archive can
    be made again from what it holds, to the byte.
    """

    path: str  # below the user's folder
    checksum: str  # of the unpacked bytes
    header: bytes


@dataclass(frozen=True)
class Archive:
    """One official file: its name, checksum («md5:…»), size and places, best first."""

    name: str
    checksum: str
    size: int  # bytes
    urls: tuple[str, ...]
    exact_size: bool = True  # False: the publisher states no exact size
    # Where else below a folder of the user's libraries keep it: torchvision, tonic.
    elsewhere: tuple[str, ...] = ()
    unpacked: Unpacked | None = None

    @property
    def size_limit(self):
        """No download of this archive is followed beyond this many bytes."""
        return self.size if self.exact_size else 2 * self.size


@dataclass(frozen=True)
class Dataset:
    """What is known of a dataset before any of its files is opened."""

    name: str
    title: str
    about: str  # what it shows, in a word or two: «handwritten digits»
    kind: str  # "images" or "events"
    reader: str  # whose `prepare` or `prepare_events` knows the format of its archives
    shape: tuple[int, int, int]  # channels (or polarities), height, width
    classes: tuple[str, ...]
    train: int  # samples
    test: int
    archives: tuple[Archive, ...]
    licence: str
    citation: str
    exact_counts: bool = True  # False: published numbers of samples differ
    library: str = ""  # its class in torchvision.datasets or tonic.datasets
    # Of events: filter_time_us, bin_us and spatial_factor that fit this sensor, over
    # the config's common ones.
    events: Mapping = field(default_factory=dict, hash=False)

    def archive(self, name):
        """The archive of that official name; KeyError names the known ones."""
        for archive in self.archives:
            if archive.name == name:
                return archive
        raise KeyError(
            f"{self.name} has no archive {name!r}; it has: {', '.join(self.files)}"
        )

    @property
    def files(self):
        return tuple(archive.name for archive in self.archives)

    @property
    def bytes(self):
        """Size of all samples as dense uint8, the bound for what images may need."""
        channels, height, width = self.shape
        return (self.train + self.test) * channels * height * width

    def most(self, split):
        """No more samples than this are believed of the split "train" or "test"."""
        return getattr(self, split) * (1 if self.exact_counts else 2)

    def input_shape(self, resize=None, events=None):
        """Channels, height, width that a network gets.

        resize: the edge that images are brought to; None leaves them. events: the
        settings of event data, of which `spatial_factor` joins pixels.
        """
        channels, height, width = self.shape
        if resize:
            return channels, resize, resize
        factor = (events or {}).get("spatial_factor", 1)
        return channels, *joined(height, width, factor)


def joined(height, width, factor):
    """Height and width of a sensor of which `factor` × `factor` pixels become one."""
    return -(-height // factor), -(-width // factor)
