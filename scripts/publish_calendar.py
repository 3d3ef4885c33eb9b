"""Make a working calendar of a country's holidays and an override, and publish it."""

import _bootstrap

if __name__ == "__main__":
    _bootstrap.enter()
    from publishing_calendar import app

    app()
