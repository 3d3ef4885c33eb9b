"""Measure the shipped code: `python3 scripts/bench [--only NAME] [--json FILE]`."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)  # `scripts`, not this package

import _bootstrap  # noqa: E402

if __name__ == "__main__":
    _bootstrap.enter()
    from bench.command import app

    app()
