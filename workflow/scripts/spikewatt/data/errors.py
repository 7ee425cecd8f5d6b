"""What goes wrong with archives, said with file and place."""

import contextlib
import errno


class ArchiveError(ValueError):
    """An archive is damaged, hostile or not what it claims to be.

    The message names the file, the byte offset where one is known (of the unpacked
    data for packed files), what is wrong and what to do.
    """

    def __init__(self, path, problem, offset=None):
        place = f"{path}" if offset is None else f"{path}, byte {offset}"
        super().__init__(
            f"{place}: {problem}. The archive is damaged or not what it claims to be: "
            "delete it and get it again"
        )


@contextlib.contextmanager
def hostile(path):
    """Turn whatever a parser raises over bad bytes into an ArchiveError.

    Parsers of tar, gzip, zip and pickle fail in many undocumented ways on crafted
    input, so everything is caught; only the system's own errors (a missing file, a
    full disk) pass as they are. A place that cannot be sought to is the archive's.
    """
    of_the_content = (None, errno.EINVAL, errno.EOVERFLOW)
    try:
        yield
    except ArchiveError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno not in of_the_content:
            raise
        detail = f"{type(error).__name__}: {error}".strip(": ")
        raise ArchiveError(path, f"it cannot be read ({detail})") from error
