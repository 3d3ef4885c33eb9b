"""The steps that forecasts speak of are called as the API calls the events they begin with."""

import tomllib
from pathlib import Path

import pytest

import api
from sagas.watch.journey import MILESTONES
from sagas.wording import texts

API_TEXTS = Path(api.__file__).parent / "texts"


@pytest.mark.parametrize("locale", ["en", "fa", "zh"])
def test_a_step_is_called_by_the_event_it_begins_with(locale: str) -> None:
    sentences = tomllib.loads((API_TEXTS / f"{locale}.toml").read_text("utf-8"))["topics"]
    assert texts(locale)["topics"] == {name: sentences[name].rstrip(".。") for name in MILESTONES}
