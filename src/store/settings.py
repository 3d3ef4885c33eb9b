"""What an installation may set: read once, checked, and passed down.

Variables begin with `APP_`, save `DATABASE_URL` and `READ_DATABASE_URLS`, which other tools know
too. A wrong value is one line that names the variable and says what it should be; it never repeats
the value, which may be a secret.
"""

import base64
import binascii
import ipaddress
import os
import secrets
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from store.private_files import create_private_file, make_private_folder

PREFIX = "APP_"
OWN_ISSUER = "https://parvandeh.localhost"
MASTER_KEY_BYTES = 32
MASTER_KEY_FILE = "master.key"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_NEW_KEY = "python3 -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())'"


class SettingsError(ValueError):
    """The settings cannot be used; the message is one line that names the variable and the fix."""


def default_data_dir() -> Path:
    """Return the user's own folder for data, by the customs of her system."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "parvandeh"
    base = os.environ.get("XDG_DATA_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".local" / "share") / "parvandeh"


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _database_address(text: str) -> str:
    if not text:
        return text
    if not text.startswith(("postgresql://", "postgres://")):
        raise ValueError("must be an address like postgresql://user:password@host/database")
    try:
        conninfo_to_dict(text)
    except ProgrammingError:
        raise ValueError(
            "is not a valid postgresql:// address (characters such as @ or / in a password are "
            "written %40, %2F)"
        ) from None
    return text


def _https_address(text: str | None) -> str | None:
    if not text:
        return None
    parts = urlsplit(text)
    if not parts.hostname or (parts.scheme != "https" and not is_loopback(parts.hostname)):
        raise ValueError("must be an https:// address")
    return text


def _existing_file(path: Path | None) -> Path | None:
    if path is not None and not path.is_file():
        raise ValueError("names no file that can be read")
    return path


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _split(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


DatabaseAddress = Annotated[str, AfterValidator(_database_address)]


class Settings(BaseSettings):
    """All that may be set; constructor arguments win over the environment."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    data_dir: Annotated[Path, AfterValidator(_absolute)] = Field(default_factory=default_data_dir)
    """Where the private database, its keys and the encrypted files of cases are kept."""

    database_url: DatabaseAddress = Field(default="", validation_alias="DATABASE_URL", repr=False)
    """The PostgreSQL (15 or newer) to use; empty stands for the private one in `data_dir`."""

    read_database_urls: Annotated[
        tuple[DatabaseAddress, ...], NoDecode, BeforeValidator(_split)
    ] = Field(default=(), validation_alias="READ_DATABASE_URLS", repr=False)
    """Streaming replicas for reads, separated by commas."""

    issuer: str = OWN_ISSUER
    """The `iss` that access tokens must carry."""

    audience: str = "parvandeh"
    """The `aud` that access tokens must carry."""

    jwks_url: Annotated[str | None, AfterValidator(_https_address)] = None
    """Where the issuer publishes its keys; without it and `jwks_file` we are our own issuer."""

    jwks_file: Annotated[Path | None, AfterValidator(_existing_file)] = None
    """The issuer's keys as a file, for machines that cannot reach it."""

    master_key: SecretStr | None = None
    """The key that wraps all others: 32 random bytes in base64."""

    master_key_file: Annotated[Path | None, AfterValidator(_existing_file)] = None
    """A file that holds the master key, in base64."""

    channels_file: Annotated[Path | None, AfterValidator(_existing_file)] = None
    """How notices leave: a private TOML file of apprise addresses; without it, the inbox alone."""

    webhooks_to_loopback: bool = False
    """Webhooks may go to this machine itself, and by http; for trying them out."""

    public_url: Annotated[str | None, AfterValidator(_https_address)] = None
    """Where people open the portal: notices link a case to it; without it they have no link."""

    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)] = (
        "INFO"
    )
    """The least severe log lines that are written."""

    @classmethod
    def load(cls, **given: Any) -> Self:
        """Read the environment; what is `given` (a command line) wins. Raises `SettingsError`."""
        try:
            settings = cls(**{name: value for name, value in given.items() if value is not None})
        except ValidationError as error:
            raise SettingsError(_one_line(error)) from None
        settings._check()
        return settings

    @property
    def uses_private_database(self) -> bool:
        """Tell whether the database is the private one in `data_dir`."""
        return not self.database_url

    @property
    def is_own_issuer(self) -> bool:
        """Tell whether tokens are signed with a key of ours, for lack of an identity provider."""
        return self.jwks_url is None and self.jwks_file is None

    def check_issuer(self, host: str) -> None:
        """Refuse to hand out identities beyond this machine. Raises `SettingsError`."""
        if not self.is_own_issuer:
            return
        provider = "set APP_JWKS_URL and APP_ISSUER to an identity provider's"
        if not self.uses_private_database:
            raise SettingsError(f"APP_JWKS_URL: DATABASE_URL is set, so tokens need it: {provider}")
        if not is_loopback(host):
            raise SettingsError(
                f"APP_JWKS_URL: tokens of our own serve 127.0.0.1 alone, not {host}: {provider}"
            )

    def master_key_bytes(self) -> bytes:
        """Return the master key: the variable's, its file's, or the private database's own.

        Raises `SettingsError` when there is none or it is not 32 bytes in base64.
        """
        if self.master_key is not None:
            return _key_bytes(self.master_key.get_secret_value(), "APP_MASTER_KEY")
        if self.master_key_file is not None:
            return _key_of_file(self.master_key_file, "APP_MASTER_KEY_FILE")
        own = self.data_dir / MASTER_KEY_FILE
        if self.uses_private_database and own.exists():
            return _key_of_file(own, str(own))
        raise SettingsError(f"APP_MASTER_KEY: must be set; make one with {_NEW_KEY}")

    def make_master_key(self) -> Path | None:
        """Make the private database's key at its first start (0600); return its file.

        Nothing is made, and None returned, when a key is set. Whoever loses the file loses every
        personal field of the database.
        """
        if self.master_key is not None or self.master_key_file is not None:
            return None
        make_private_folder(self.data_dir)
        path = self.data_dir / MASTER_KEY_FILE
        create_private_file(path, base64.b64encode(secrets.token_bytes(MASTER_KEY_BYTES)) + b"\n")
        return path

    def _check(self) -> None:
        """Check what two settings say together."""
        if self.master_key is not None and self.master_key_file is not None:
            raise SettingsError("APP_MASTER_KEY: is set beside APP_MASTER_KEY_FILE; keep one")
        if self.jwks_url is not None and self.jwks_file is not None:
            raise SettingsError("APP_JWKS_URL: is set beside APP_JWKS_FILE; keep one")
        if not self.is_own_issuer and self.issuer == OWN_ISSUER:
            raise SettingsError("APP_ISSUER: must be the `iss` of the identity provider's tokens")
        if self.read_database_urls and self.uses_private_database:
            raise SettingsError("READ_DATABASE_URLS: is set without DATABASE_URL")
        if self.master_key is not None or self.master_key_file is not None:
            self.master_key_bytes()


def _key_of_file(path: Path, name: str) -> bytes:
    try:
        return _key_bytes(path.read_text(encoding="ascii", errors="replace"), name)
    except OSError as error:
        raise SettingsError(f"{name}: the file cannot be read ({error.strerror})") from None


def _key_bytes(text: str, name: str) -> bytes:
    try:
        standard = text.strip().replace("-", "+").replace("_", "/").encode("ascii")
        key = base64.b64decode(standard, validate=True)
    except (binascii.Error, UnicodeEncodeError):
        key = b""
    if len(key) != MASTER_KEY_BYTES:
        raise SettingsError(f"{name}: must be 32 bytes in base64; make one with {_NEW_KEY}")
    return key


def _one_line(error: ValidationError) -> str:
    """Return what is wrong with each variable, without the values."""
    lines = []
    for found in error.errors(include_input=False, include_url=False, include_context=False):
        name = str(found["loc"][0]) if found["loc"] else ""
        variable = name if name.isupper() else PREFIX + name.upper()
        if name in ("database_url", "read_database_urls"):
            variable = name.upper()
        message = found["msg"].removeprefix("Value error, ")
        lines.append(f"{variable}: {message[0].lower()}{message[1:]}")
    return "; ".join(dict.fromkeys(lines))
