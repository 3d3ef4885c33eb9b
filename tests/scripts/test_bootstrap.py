"""The environment that scripts make for themselves, with a lock that asks for nothing."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import _bootstrap

SCRIPT = """
import sys
import _bootstrap
_bootstrap.enter()
print(sys.prefix, *sys.argv[1:])
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project whose environment was made by two starts at once."""
    root = tmp_path_factory.mktemp("project")
    (root / "scripts").mkdir()
    shutil.copy(_bootstrap.__file__, root / "scripts")
    (root / "scripts" / "say.py").write_text(SCRIPT)
    for lock in (_bootstrap.RUNTIME_LOCK, _bootstrap.DEVELOPMENT_LOCK):
        (root / lock).write_text("# nothing\n")
    starts = [
        subprocess.Popen(command(root), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [start.communicate(timeout=120) for start in starts]
    assert [start.returncode for start in starts] == [0, 0], said
    assert {out for out, _ in said} == {f"{root / '.venv'} a b c\n"}
    assert sum("installed." in error for _, error in said) == 1
    return root


def command(root: Path) -> list[str]:
    return [sys.executable, str(root / "scripts" / "say.py"), "a", "b c"]


def start(root: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command(root), capture_output=True, text=True, timeout=120)


def test_a_second_start_says_nothing_and_takes_no_time(made: Path) -> None:
    begun_s = time.monotonic()
    done = start(made)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{made / '.venv'} a b c\n", "")
    assert time.monotonic() - begun_s < 2


def test_a_changed_lock_is_installed(made: Path) -> None:
    (made / _bootstrap.RUNTIME_LOCK).write_text("# still nothing\n")
    (made / _bootstrap.DEVELOPMENT_LOCK).write_text("# still nothing\n")
    assert "installed." in start(made).stderr
    assert start(made).stderr == ""


def test_an_interrupted_installation_is_begun_again(made: Path) -> None:
    for marker in (made / ".venv").glob("installed-*"):
        marker.unlink()
    shutil.rmtree(made / ".venv" / "lib")
    done = start(made)
    assert done.returncode == 0
    assert "installed." in done.stderr


def test_a_failed_installation_is_one_line_and_no_marker(made: Path) -> None:
    lock = made / _bootstrap.RUNTIME_LOCK
    lock.write_text("./nothing-here.whl --hash=sha256:" + "0" * 64 + "\n")
    (made / _bootstrap.DEVELOPMENT_LOCK).write_text("# again nothing\n")
    done = start(made)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("parvandeh: the installation failed")
    assert list((made / ".venv").glob("installed-*")) == []
    lock.write_text("# nothing\n")


def test_an_old_python_gets_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_bootstrap, "PYTHON_MIN", (99, 0))
    with pytest.raises(SystemExit):
        _bootstrap.enter()
    assert capsys.readouterr().err.startswith("parvandeh: Python 3.11 or newer is needed")


def test_a_python_without_venv_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(_bootstrap, "ENVIRONMENT", str(tmp_path / ".venv"))
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit):
        _bootstrap._make_environment()
    assert "apt install python3-venv" in capsys.readouterr().err
