"""The README's walk works when it is pasted, block by block, against a server just started."""

import json
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
MAIL = "8025"
NOTICED = ("deadline_warned", "deadline_breached", "escalated")
MAILED = ("Deadline approaching", "Deadline missed", "Escalated to you")
BLOCKS = re.findall(r"^```bash\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """A server on a free port with an empty data folder, and the environment of its users."""
    port, mail_port = free_port(), free_port()
    channels = tmp_path / "channels.toml"
    said = re.search(r'^`(email = ".*")`', README, re.MULTILINE)
    assert said is not None
    channels.write_text(said.group(1).replace(MAIL, str(mail_port)), encoding="utf-8")
    channels.chmod(0o600)
    environment = {
        **os.environ,
        "APP_DATA_DIR": str(tmp_path / "data"),
        "APP_CHANNELS_FILE": str(channels),
        "MAIL_PORT": str(mail_port),
    }
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
    walk = walk.replace("python3 ", f"{sys.executable} ").replace(MAIL, environment["MAIL_PORT"])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", walk],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=420, check=False,
    )  # fmt: skip
    said = done.stdout
    assert done.returncode == 0, done.stderr
    assert re.search(r'"version":12,"position":\d+', said)
    assert '"missing": ["customer_confirmation", "second_confirmation"]' in said
    assert '"status":"closed"' in said
    assert '"complaints":{"total":1,"open":0' in said
    assert '"next_step"' in said
    assert '"status":"valid"' in said
    assert '"from":3,"to":5' in said
    assert '"actor":"expert-1"' in said
    assert "The complaint was judged valid.  [complaint.judged_valid]" in said
    told = [said.find(f'"code":"complaint.{code}"') for code in NOTICED]
    assert -1 not in told
    assert told == sorted(told), "told on the stream in this order"
    assert all(f"Subject: {subject}: First response" in said for subject in MAILED)
    assert '"clock":"promise"' in said
    assert "First response: due" in said
    assert "Counted  24 h 00 min" in said
    # the second walk: drawn, delivered late, points, a lease that is settled, all of it at once
    assert "The draw is as it should be." in said
    assert '"kind":"delay_compensation"' in said
    assert '"owed_minor":109410959' in said
    assert re.search(r'"points":980,"state":"active","source":"purchase"', said)
    everything = json.loads(
        next(line for line in said.splitlines() if '"leases":{"total":1' in line)
    )
    assert everything["orders"]["items"][0]["status"] == "delivered"
    assert everything["leases"]["items"][0]["status"] == "settled"
    assert everything["loyalty"]["items"][0]["balance_points"] == 980
    assert "%PDF-1." in said
    refusals = re.findall(r'"type": "([^"]+)"', said)
    assert refusals == ["procedure.step_needs_earlier_step"]
