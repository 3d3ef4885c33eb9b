"""The README's walk works when it is pasted, block by block, against a server just started."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```bash\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """A server on a free port with an empty data folder, and the environment of its users."""
    port = free_port()
    environment = {**os.environ, "APP_DATA_DIR": str(tmp_path / "data")}
    command = [sys.executable, "scripts/serve.py", "--port", str(port)]
    server = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline_s = time.monotonic() + 90
        while not answers(port):
            assert server.poll() is None, "the server ended"
            assert time.monotonic() < deadline_s, "the server does not answer"
            time.sleep(0.1)
        yield port, environment
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_the_walk_does_what_it_says(served: tuple[int, dict[str, str]]) -> None:
    port, environment = served
    walk = "\n".join(BLOCKS).replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    walk = walk.replace("python3 ", f"{sys.executable} ")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", walk],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    said = done.stdout
    assert done.returncode == 0, done.stderr
    assert re.search(r'"version":9,"position":\d+', said)
    assert '"missing": ["customer_confirmation", "second_confirmation"]' in said
    assert '"status":"closed"' in said
    assert '"complaints":{"total":1,"open":0' in said
    assert '"next_step"' in said
    assert '"status":"classified"' in said
    assert '"from":3,"to":5' in said
    assert '"actor":"expert-1"' in said
    assert "The complaint was classified.  [complaint.classified]" in said
    refusals = re.findall(r'"type": "([^"]+)"', said)
    assert refusals == ["procedure.step_needs_earlier_step"]
