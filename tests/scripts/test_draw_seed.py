"""The seed of a draw: made once, for its operator alone, and told by its hash."""

import hashlib
from pathlib import Path

from _draw_seed import app
from tests.scripts.running import run


def test_a_seed_is_made_once_and_its_plain_hash_is_printed(tmp_path: Path) -> None:
    file = tmp_path / "seed.hex"
    made = run(app, file)
    seed = bytes.fromhex(file.read_text())
    assert len(seed) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert made.stdout.strip() == hashlib.sha256(seed).hexdigest()
    again = run(app, file)
    assert again.exit_code == 1
    assert "exists" in again.stderr
    assert bytes.fromhex(file.read_text()) == seed
    assert run(app, file, "--commitment").stdout == made.stdout


def test_what_is_no_seed_gets_no_commitment(tmp_path: Path) -> None:
    file = tmp_path / "seed.hex"
    assert run(app, file, "--commitment").exit_code == 1
    for text, said in (("00" * 31, "31 bytes"), ("no seed", "holds no seed")):
        file.write_text(text)
        result = run(app, file, "--commitment")
        assert (result.exit_code, result.stdout) == (1, "")
        assert said in result.stderr
