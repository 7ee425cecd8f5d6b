"""Archives from a folder of the user's: copied, and verified like downloaded ones."""

import shutil
from pathlib import Path

from spikewatt.data import catalogue, checksum, space
from spikewatt.files import atomic


def expected(dataset, file, checksums):
    """The checksum an archive must have: the config's, else the official one."""
    given = (checksums.get(dataset) or {}).get(file)
    return given or catalogue.get(dataset).archive(file).checksum


def take(dataset, file, folder, output, checksums):
    """Copy `folder/dataset/file` to `output` if its checksum is the expected one.

    `checksums` is the config's `{dataset: {file: "sha256:…" or "md5:…"}}` for archives
    that are not the official ones. The copy is what is verified, before it gets its
    name. Raises FileNotFoundError, ChecksumError (with the checksum found) or
    NotEnoughSpace.
    """
    source = Path(folder) / dataset / file
    wanted = ":".join(checksum.parse(expected(dataset, file, checksums)))
    if not source.is_file():
        raise FileNotFoundError(
            f"{source} is not there. `source: local` looks for archives as "
            f"FOLDER/<dataset>/<official file name>, here FOLDER is {folder}"
        )
    size = source.stat().st_size
    atomic.sweep(output)  # a killed copy's room is wanted
    with (
        space.watched(Path(output).parent, size, f"copying {source}"),
        atomic.placing(output) as temporary,
    ):
        shutil.copyfile(source, temporary)
        _verify(source, temporary, dataset, file, wanted)
    checksum.record(output)


def _verify(source, copy, dataset, file, wanted):
    found = checksum.of(copy, checksum.parse(wanted)[0])
    if found != wanted:
        raise checksum.ChecksumError(
            f"{source} has the checksum {found}, not {wanted}: it is damaged or not "
            "the official archive. Get it again, or, if it is the one you mean to "
            "use, say so in the config:\n"
            f'checksums: {{{dataset}: {{{file}: "{checksum.of(copy)}"}}}}'
        )
