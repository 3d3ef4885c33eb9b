#!/usr/bin/env python3
"""Print the secret by which the receiver of a webhook checks our signatures."""

import _bootstrap

if __name__ == "__main__":
    _bootstrap.enter()
    from _webhook_secret import app

    app()
