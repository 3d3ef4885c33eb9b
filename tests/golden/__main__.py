"""Write the golden files that are missing; run it once for every new event."""

import base64
import json
import random
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from domain import DECIDERS
from domain.declare import stored_name
from store.codec import Codec, Place
from tests.golden import CIPHER, FOLDER, STREAM, VERSION
from tests.strategies import EVENT_TYPES


def richest(cls: type[Any]) -> Any:
    """Return the example of a class whose JSON is the longest of a fixed number of tries."""
    found: list[tuple[int, Any]] = []
    adapter = TypeAdapter(cls)

    @seed(20261121)
    @settings(
        max_examples=60,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.from_type(cls))
    def collect(event: Any) -> None:
        found.append((len(adapter.dump_json(event)), event))

    collect()
    return max(found, key=lambda pair: pair[0])[1]


def main() -> None:
    """Write `<topic>.json` for every stored name that has none."""
    codec = Codec(DECIDERS)
    random.seed(1)
    for cls in EVENT_TYPES:
        topic = stored_name(cls)
        path = FOLDER / f"{topic}.json"
        if path.exists():
            continue
        event = richest(cls)
        body = codec.encode(event, Place(STREAM, VERSION, topic), CIPHER)
        kept = {
            "topic": topic,
            "body_base64": base64.b64encode(body).decode(),
            "reads_as": TypeAdapter(cls).dump_python(event, mode="json"),
        }
        path.write_text(
            json.dumps(kept, ensure_ascii=True, indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )
        print(path.name)


if __name__ == "__main__":
    main()
