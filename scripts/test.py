#!/usr/bin/env python3
"""Check everything: style, types, imports, and then the tests. With arguments: pytest alone."""

import os
import subprocess
import sys
import time

import _bootstrap

CHECKS = {
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "mypy": ["-m", "mypy", "src", "scripts", "tests"],
    "import contracts": [
        "-c",
        "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())",
    ],
}
WHOLE_RUN = ["-q", "-n", "auto", "--maxprocesses", "8", "--dist", "worksteal"]


def main() -> int:
    """Run what was asked for; return 0 only when nothing failed."""
    os.chdir(_bootstrap.ROOT)
    pytest = [sys.executable, "-m", "pytest"]
    if len(sys.argv) > 1:
        return subprocess.call([*pytest, *sys.argv[1:]])
    failed = [name for name, command in CHECKS.items() if not _passes(name, command)]
    if failed:
        print(f"FAILED before the tests: {', '.join(failed)}", flush=True)
    return subprocess.call([*pytest, *WHOLE_RUN]) or int(bool(failed))


def _passes(name: str, command: list[str]) -> bool:
    """Run one check; what it says is shown when it fails."""
    started_s = time.monotonic()
    done = subprocess.run(
        [sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    verdict = "FAILED" if done.returncode else "ok"
    print(f"{name}: {verdict} ({time.monotonic() - started_s:.1f} s)", flush=True)
    if done.returncode:
        print(done.stdout, flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    _bootstrap.enter(_bootstrap.DEVELOPMENT_LOCK)
    sys.exit(main())
