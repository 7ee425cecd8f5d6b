"""A finished run's files, kept until Snakemake has accepted them.

Snakemake deletes a job's outputs when the job fails, when Snakemake itself is told to
stop while the job runs, and before the job starts again. So a training writes its files
into a folder that Snakemake does not know, `run.json` last, and links them to where
they are declared: what it deletes there loses a name and no byte, and the next call
links them anew. The test of the run, which starts only once Snakemake has accepted the
training, removes the folder. Until then it takes no room of its own.

No torch here: a finished run is taken up in a second.
"""

import contextlib
import json
import logging
import os
import shutil
from pathlib import Path

from spikewatt.files import atomic, contents
from spikewatt.files.exclusive import exclusive

FACTS = "run.json"
OUTPUTS = ("model.safetensors", "epochs.csv", "telemetry.csv")
log = logging.getLogger("spikewatt")


def folder_of(checkpoints):
    """Where the files of a finished run are kept, beside its checkpoints."""
    return Path(f"{checkpoints}.finished")


def room_of(checkpoints):
    """Where what `loading: library` unpacks and caches lies, beside the checkpoints."""
    return Path(f"{checkpoints}.loading")


def lock(checkpoints, name):
    """One process at a time at the run called `name`: a context manager.

    The job of a killed Snakemake lives on, and is waited for.
    """
    return exclusive(f"{checkpoints}.lock", f"training {name}")


def is_whole(folder, identity):
    """Whether `folder` holds the files of the run `identity`, all as they were written.

    identity: the digest of an `identity.Identity`.
    """
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        return facts["identity"] == identity and all(
            contents.sha256(folder / name) == facts["outputs"][name] for name in OUTPUTS
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def take_up(checkpoints, folder, identity):
    """Bring the finished files of the run `identity` to `folder`; whether there are.

    The job of a killed Snakemake may have brought them there already. The checkpoints
    are deleted then. Hold `lock` meanwhile.
    """
    kept = folder_of(checkpoints)
    if is_whole(kept, identity):
        publish(kept, folder)
    elif is_whole(folder, identity):
        publish(folder, kept)
    else:
        return False
    remove_at_once(Path(checkpoints))
    log.info(
        "Finished already, and taken up from %s; delete that folder to train anew", kept
    )
    return True


def publish(source, target):
    """Link a run's files to the folder `target`; `run.json` last, for the others.

    They are copied where the file system has no links. Their time is now: they must
    not look older than the job that brings them.
    """
    for name in (*OUTPUTS, FACTS):
        with atomic.placing(target / name) as temporary:
            try:
                os.link(source / name, temporary)
            except OSError:
                shutil.copyfile(source / name, temporary)
            os.utime(temporary)


def release(checkpoints, folder):
    """Forget the kept files of the run in `folder`: Snakemake has accepted them.

    Those of another training, which may be under way, are left. What a killed training
    had unpacked goes as well.
    """
    shutil.rmtree(room_of(checkpoints), ignore_errors=True)
    kept = folder_of(checkpoints)
    with contextlib.suppress(OSError):
        if (kept / FACTS).read_bytes() == (folder / FACTS).read_bytes():
            clear(checkpoints)


def clear(checkpoints):
    """Delete what is kept; it loses its name at once, and is whole or gone."""
    remove_at_once(folder_of(checkpoints))


def remove_at_once(folder):
    """Delete a folder that loses its name first: a kill leaves all of it or nothing."""
    gone = folder.with_name(f".{folder.name}.done")
    shutil.rmtree(gone, ignore_errors=True)
    with contextlib.suppress(FileNotFoundError):
        folder.replace(gone)
    shutil.rmtree(gone, ignore_errors=True)
