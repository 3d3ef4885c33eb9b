"""Files and folders that nobody but their owner may read: passwords, keys, connection addresses."""

import os
import stat
import tempfile
from pathlib import Path


class NotPrivate(PermissionError):  # noqa: N818
    """Others than its owner may read or change the file."""


def read_private_file(path: Path) -> bytes:
    """Return what a file holds that nobody but its owner may open.

    Raises `NotPrivate` where the group or others may read or write it, or where it belongs to
    neither us nor root; `OSError` where it cannot be read.
    """
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        others = stat.S_IRWXG | stat.S_IRWXO
        if status.st_mode & others or status.st_uid not in (os.geteuid(), 0):
            raise NotPrivate
        return file.read()


def make_private_folder(folder: Path) -> Path:
    """Create `folder` for its owner alone; one that exists keeps its permissions as they are."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if not folder.is_dir():
            raise
    else:
        sync_folder(folder.parent)
    return folder


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` outlive a power cut; a file's own fsync says nothing of them."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_private_file(path: Path, content: bytes) -> None:
    """Write `content` (0600) so that a reader sees the old file or the new one, never a half."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    sync_folder(path.parent)


def create_private_file(path: Path, content: bytes) -> bytes:
    """Write `content` unless the file stands already; return what stands there in the end.

    Of several processes that do this at once, all get the content of the one that came first.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(name, path)
        except FileExistsError:
            return path.read_bytes()
        sync_folder(path.parent)
        return content
    finally:
        os.unlink(name)
