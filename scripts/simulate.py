"""Replay a log through policies on a virtual clock, and say who would have been told what."""

import _bootstrap

if __name__ == "__main__":
    _bootstrap.enter()
    from simulating.command import app

    app()
