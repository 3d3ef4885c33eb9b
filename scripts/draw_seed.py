#!/usr/bin/env python3
"""Make the secret seed of a draw, and print the hash that its operator commits to."""

import _bootstrap

if __name__ == "__main__":
    _bootstrap.enter()
    from _draw_seed import app

    app()
