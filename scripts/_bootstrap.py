"""Every script's first step: be in the project's own virtual environment, made if need be.

Standard library only, in a syntax that old Pythons read as well, so that they get a clear line.
The environment `.venv` in the project's root is installed from a lock of hashes; a marker in it
names the lock it was installed from and is written last. So an interrupted installation begins
again, and a changed lock installs anew.
"""

import hashlib
import os
import subprocess
import sys

PYTHON_MIN = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ENVIRONMENT = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(ENVIRONMENT, "bin", "python")
RUNTIME_LOCK = "requirements.lock"
DEVELOPMENT_LOCK = "requirements-dev.lock"


def enter(lock: str = RUNTIME_LOCK) -> None:
    """Go on inside `.venv`: return when already there, else start this script anew in it."""
    if sys.version_info < PYTHON_MIN:
        _give_up(f"Python 3.11 or newer is needed; {sys.executable} is {sys.version.split()[0]}.")
    if not _is_installed(lock):
        _install(lock)
    sources = os.path.join(ROOT, "src")
    os.environ["PYTHONPATH"] = sources
    if os.path.realpath(sys.prefix) == os.path.realpath(ENVIRONMENT):
        if sources not in sys.path:
            sys.path.insert(1, sources)
        return
    sys.stdout.flush()
    sys.stderr.flush()
    for name in ("PYTHONHOME", "__PYVENV_LAUNCHER__"):
        os.environ.pop(name, None)
    os.execv(PYTHON, [PYTHON, *sys.orig_argv[1:]])


def _is_installed(lock: str) -> bool:
    """Tell whether the environment has what `lock` asks for; the development lock has it all."""
    locks = {lock, DEVELOPMENT_LOCK}
    return os.path.exists(PYTHON) and any(os.path.exists(_marker(one)) for one in locks)


def _marker(lock: str) -> str:
    """Return the path of the file that says: what `lock` asks for is installed, whole."""
    with open(os.path.join(ROOT, lock), "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    return os.path.join(ENVIRONMENT, f"installed-{lock}-{digest[:16]}")


def _install(lock: str) -> None:
    """Make the environment, alone among the processes that want to."""
    import fcntl

    with open(os.path.join(ROOT, ".venv.lock"), "a") as turn:
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another start is installing; waiting for it ...")
            fcntl.flock(turn, fcntl.LOCK_EX)
        if _is_installed(lock):
            return
        _say(f"installing what {lock} names into .venv (this once; about a minute) ...")
        if _works():
            for name in os.listdir(ENVIRONMENT):
                if name.startswith("installed-"):
                    os.unlink(os.path.join(ENVIRONMENT, name))
        else:
            _make_environment()
        _install_packages(lock)
        with open(_marker(lock), "w"):
            _say("installed.")


def _works() -> bool:
    """Tell whether the environment's Python starts and has pip (a half-made one's does not)."""
    question = f"import sys, pip; sys.exit(sys.version_info < {PYTHON_MIN})"
    try:
        return subprocess.call([PYTHON, "-I", "-c", question], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def _make_environment() -> None:
    """Create `.venv` afresh, with pip."""
    try:
        import ensurepip  # noqa: F401 (Debian leaves it out of its python3 package)
        import venv

        venv.create(ENVIRONMENT, clear=True, symlinks=True, with_pip=True)
    except ImportError:
        _give_up(
            "this Python cannot make virtual environments; install its venv module first "
            "(Debian, Ubuntu: apt install python3-venv)."
        )
    except (OSError, subprocess.CalledProcessError) as error:
        _give_up(f"the virtual environment {ENVIRONMENT} cannot be made: {error}")


def _install_packages(lock: str) -> None:
    """Let pip install the lock, with one line of progress on a terminal."""
    path = os.path.join(ROOT, lock)
    with open(path) as file:
        total = sum("==" in line for line in file)
    options = ["--disable-pip-version-check", "--no-input", "--progress-bar=off"]
    command = [PYTHON, "-I", "-m", "pip", "install", *options, "--require-hashes", "-r", path]
    environment = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}
    said = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as pip:
        for line in pip.stdout or ():
            said.append(line)
            if sys.stderr.isatty():
                begun = sum(line.startswith("Collecting ") for line in said)
                sys.stderr.write(f"\rparvandeh: {begun} of {total} packages \r")
    if pip.returncode != 0:
        sys.stderr.writelines([line for line in said if "ERROR" in line] or said[-5:])
        _give_up("the installation failed for the reason above; the next start tries again.")


def _say(sentence: str) -> None:
    sys.stderr.write(f"parvandeh: {sentence}\n")
    sys.stderr.flush()


def _give_up(sentence: str) -> None:
    _say(sentence)
    raise SystemExit(1)
