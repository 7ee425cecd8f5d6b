"""Archives from a folder of the user's: copied, and verified like downloaded ones."""

import gzip
import hashlib
import logging
import os
import shutil
import subprocess
from pathlib import Path

from spikewatt.data import catalogue, checksum, layouts, space
from spikewatt.files import atomic

log = logging.getLogger(__name__)


def expected(dataset, file, checksums):
    """The checksum an archive must have: the config's, else the official one."""
    given = (checksums.get(dataset) or {}).get(file)
    return given or catalogue.get(dataset).archive(file).checksum


def take(dataset, file, folder, output, checksums):
    """Copy an archive from `folder` to `output` if its checksum is the expected one.

    It may lie where `layouts.candidates` looks; one that is damaged or unreadable is
    named, and the next is tried. `checksums` is the config's `{dataset: {file:
    "sha256:…" or "md5:…"}}` for archives that are not the official ones. The copy is
    what is verified, before it gets its name. Where only the unpacked file is there,
    the official archive is made again from it (see `pack`). Raises FileNotFoundError,
    ChecksumError (with both checksums), PermissionError or NotEnoughSpace.
    """
    wanted = ":".join(checksum.parse(expected(dataset, file, checksums)))
    official = not (checksums.get(dataset) or {}).get(file)
    sources = layouts.present(dataset, file, folder, official)
    if not sources:
        raise FileNotFoundError(layouts.missing(dataset, [file], folder, official))
    atomic.sweep(output)  # a killed copy's room is wanted
    refused = []
    for source in sources:
        try:
            _take_from(source, dataset, file, output, wanted)
        except (checksum.ChecksumError, OSError) as error:
            if not _of_the_source(error, source.path):
                raise
            refused.append(error)
            continue
        checksum.record(output)
        for error in refused:
            log.warning("%s\n%s is good and was taken instead", error, source.path)
        return
    raise _joined(refused)


def pack(data, archive):
    """The archive that `data` was unpacked from, to the byte where that can be had.

    GNU's gzip at its level gives the official deflated bytes, and the catalogue knows
    what stands before them. Where this machine's gzip does otherwise, another archive
    of the same data comes out; its checksum is its own.
    """
    made = _deflated_by_gzip(data)
    if made is not None:
        made = archive.unpacked.header + made
        algorithm, digits = checksum.parse(archive.checksum)
        if hashlib.new(algorithm, made).hexdigest() == digits:
            return made
    log.warning(
        "the official %s could not be made again from its data, which are the official "
        "ones: its checksum is another, and so are those of runs that use it",
        archive.name,
    )
    return gzip.compress(data, mtime=0)


def _take_from(source, dataset, file, output, wanted):
    """Put one candidate under the name `output`, or raise."""
    archive = catalogue.get(dataset).archive(file)
    size = archive.size if source.unpacked else source.path.stat().st_size
    with (
        space.watched(Path(output).parent, size, f"copying {source.path}"),
        atomic.placing(output) as temporary,
    ):
        if source.unpacked:
            data = _unpacked_data(source.path, archive)
            temporary.write_bytes(pack(data, archive))
        else:
            shutil.copyfile(source.path, temporary)
            _verify(source.path, temporary, dataset, file, wanted)


def _verify(source, copy, dataset, file, wanted):
    actual = checksum.of(copy, checksum.parse(wanted)[0])
    if actual != wanted:
        raise checksum.ChecksumError(
            f"{source} has the checksum {actual}, not {wanted}: it is damaged or not "
            "the official archive. Get it again, or, if it is the one you mean to "
            "use, say so in the config:\n"
            f'checksums: {{{dataset}: {{{file}: "{checksum.of(copy)}"}}}}'
        )


def _unpacked_data(path, archive):
    """The bytes of an unpacked file, if they are the official ones."""
    data = path.read_bytes()
    actual = "sha256:" + hashlib.sha256(data).hexdigest()
    if actual != archive.unpacked.checksum:
        raise checksum.ChecksumError(
            f"{path} has the checksum {actual}, not {archive.unpacked.checksum}: it is "
            f"damaged or not what the official {archive.name} holds. Get it again"
        )
    return data


def _deflated_by_gzip(data):
    """What gzip puts behind its header of ten bytes; None where there is no gzip."""
    plain = {key: value for key, value in os.environ.items() if key != "GZIP"}
    command = ["gzip", "-6", "--no-name", "--stdout"]
    try:
        done = subprocess.run(
            command, input=data, env=plain, capture_output=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout[10:]


def _of_the_source(error, path):
    """Is it the candidate that is to blame, and not the disk that is written to?"""
    is_checksum = isinstance(error, checksum.ChecksumError)
    return is_checksum or getattr(error, "filename", None) == str(path)


def _joined(errors):
    """One error for all candidates; the first one's kind."""
    if len(errors) == 1:
        return errors[0]
    text = "none of these can be used:\n" + "\n".join(map(str, errors))
    return checksum.ChecksumError(text)
