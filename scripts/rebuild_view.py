"""Rebuild a view beside the live one and put it in its place, or check the one by the other."""

import _bootstrap

if __name__ == "__main__":
    _bootstrap.enter()
    from rebuilding import app

    app()
