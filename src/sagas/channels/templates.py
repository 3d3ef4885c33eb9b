"""The file that says how notices leave: one apprise address per kind of channel.

    email = "mailtos://care:secret@smtp.example.com?from=care@example.com&to={address}"
    sms = "kavenegar://apikey/{address}"

The addresses hold passwords, so the file must be its owner's alone, and nothing of it is ever
shown: an error names the file, the kind and the fix.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from domain.staff import StaffChannelKind
from sagas.channels.notifiers import PLACE, filled, notifier
from sagas.channels.webhooks import WEBHOOK
from store.private_files import NotPrivate, read_private_file
from store.settings import SettingsError

VARIABLE = "APP_CHANNELS_FILE"
_SAMPLES = {
    "email": "care@example.com",
    "sms": "+989121234567",
    "teams": "workflow/signature",
    "telegram": "123456789",
}
_SAMPLE = "abcdef0123456789"
"""What an address of a kind looks like, by which its template is tried at start."""


def load_templates(path: Path) -> Mapping[str, str]:
    """Read and check the file; return the templates by kind. Raises `SettingsError`."""
    try:
        text = read_private_file(path).decode()
        found = tomllib.loads(text)
    except NotPrivate:
        raise SettingsError(
            f"{VARIABLE}: {path} holds passwords, but others than its owner may open it; chmod 600"
        ) from None
    except OSError as error:
        raise SettingsError(f"{VARIABLE}: {path} cannot be read ({error.strerror})") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise SettingsError(f"{VARIABLE}: {path} is not valid TOML") from None
    kinds = sorted({kind.value for kind in StaffChannelKind} - {WEBHOOK})
    for kind, template in found.items():
        if kind not in kinds:
            raise SettingsError(
                f"{VARIABLE}: {path}: line {_line(text, kind)}: no kind of channel has this name; "
                f"there are {', '.join(kinds)}"
            )
        _check(path, _line(text, kind), kind, template)
    return found


def _check(path: Path, line: int, kind: str, template: object) -> None:
    where = f"{VARIABLE}: {path}: line {line}: {kind}"
    if not isinstance(template, str):
        raise SettingsError(f"{where}: must be an apprise address in quotes")
    if template.count(PLACE) != 1:
        raise SettingsError(f"{where}: must hold {PLACE} once, where the person's address goes")
    if notifier(filled(template, kind, _SAMPLES.get(kind, _SAMPLE))) is None:
        raise SettingsError(
            f"{where}: is not an address that apprise can use (characters such as @ or / in a "
            "password are written %40, %2F)"
        )


def _line(text: str, key: str) -> int:
    """Return the line on which a key stands, 1 if it cannot be told."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.partition("=")[0].strip().strip("\"'") == key:
            return number
    return 1
