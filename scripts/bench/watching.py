"""Programs in processes of their own, and how much memory they hold while they run."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

LOOK_EVERY_S = 0.1
MEGABYTE = 1_000_000


@dataclass
class Watched:
    """A program's resident memory, in bytes, each time that it was looked at."""

    samples: list[int] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def peak(self) -> int:
        """Return the most it held."""
        return max(self.samples, default=0)

    @property
    def growth(self) -> float:
        """Return its peak in the second half of its life as a multiple of that in the first."""
        half = len(self.samples) // 2
        return max(self.samples[half:], default=1) / max(self.samples[:half], default=1)


def resident_bytes(pid: int) -> int | None:
    """Return what a process holds in memory now, None when it has ended."""
    status = Path(f"/proc/{pid}/status")
    try:
        for line in status.read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    except OSError:
        if status.parent.parent.joinpath("self").exists():
            return None
    asked = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True)
    return int(asked.stdout) * 1024 if asked.stdout.strip() else None


def script(application: str, *arguments: str) -> list[str]:
    """Return the command of one of our scripts in this very environment: module `x` has its app."""
    program = f"import sys; from {application} import app; sys.argv[0] = {application!r}; app()"
    return [sys.executable, "-c", program, *arguments]


def watch(commands: Sequence[Sequence[str]], environment: dict[str, str]) -> list[Watched]:
    """Run programs side by side to their ends; raises `RuntimeError` when one fails."""
    with tempfile.TemporaryFile("w+") as said:
        started_s = time.monotonic()
        processes = [
            subprocess.Popen(command, env=environment, stdout=said, stderr=subprocess.STDOUT)
            for command in commands
        ]
        found = [Watched() for _ in commands]
        try:
            while any(process.poll() is None for process in processes):
                for process, watched in zip(processes, found, strict=True):
                    held = resident_bytes(process.pid) if process.poll() is None else None
                    if held is not None:
                        watched.samples.append(held)
                        watched.seconds = time.monotonic() - started_s
                time.sleep(LOOK_EVERY_S)
        finally:
            for process in processes:
                if process.poll() is None:
                    process.kill()
                    process.wait()
        if any(process.returncode for process in processes):
            said.seek(0)
            raise RuntimeError(f"a program failed: {said.read()[-2000:]}")
    return found
