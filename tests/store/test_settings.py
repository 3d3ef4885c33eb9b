"""Settings: a right value arrives typed, a wrong one is one line that keeps the secret."""

import base64
import stat
from pathlib import Path

import pytest

from store.private_files import NotPrivate, read_private_file
from store.settings import Settings, SettingsError, is_loopback

KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "READ_DATABASE_URLS", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for field in Settings.model_fields:
        monkeypatch.delenv(f"APP_{field.upper()}", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_nothing_has_to_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    settings = Settings.load()
    assert settings.uses_private_database
    assert settings.is_own_issuer
    assert settings.data_dir == tmp_path / ".local/share/parvandeh"
    monkeypatch.setenv("XDG_DATA_HOME", "/srv/data")
    assert Settings.load().data_dir == Path("/srv/data/parvandeh")
    monkeypatch.setattr("sys.platform", "darwin")
    assert Settings.load().data_dir == tmp_path / "Library/Application Support/parvandeh"


def test_the_environment_is_read_and_the_command_line_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://owner:pw@db/cases")
    monkeypatch.setenv("READ_DATABASE_URLS", "postgresql://one/cases, postgresql://two/cases")
    monkeypatch.setenv("APP_DATA_DIR", "/elsewhere")
    monkeypatch.setenv("APP_LOG_LEVEL", "warning")
    settings = Settings.load(data_dir=tmp_path, log_level=None)
    assert settings.database_url == "postgresql://owner:pw@db/cases"
    assert settings.read_database_urls == ("postgresql://one/cases", "postgresql://two/cases")
    assert settings.data_dir == tmp_path
    assert settings.log_level == "WARNING"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("DATABASE_URL", "mysql://u:topsecret@h/d", "must be an address like postgresql://"),
        ("DATABASE_URL", "postgresql://u:topsecret@h:port/d?x", "is not a valid postgresql://"),
        ("READ_DATABASE_URLS", "topsecret", "must be an address like postgresql://"),
        ("APP_LOG_LEVEL", "LOUD", "'DEBUG', 'INFO'"),
        ("APP_JWKS_URL", "http://example.com/topsecret", "must be an https:// address"),
        ("APP_PUBLIC_URL", "http://example.com/topsecret", "must be an https:// address"),
        ("APP_CHANNELS_FILE", "/nowhere/topsecret", "names no file that can be read"),
        ("APP_WEBHOOKS_TO_LOOPBACK", "topsecret", "valid boolean"),
        ("APP_JWKS_FILE", "/nowhere/topsecret", "names no file"),
        ("APP_MASTER_KEY", "topsecret", "must be 32 bytes in base64"),
        ("APP_MASTER_KEY", "topsecrét", "must be 32 bytes in base64"),
        ("APP_MASTER_KEY", KEY[:-8], "must be 32 bytes in base64"),
        ("APP_MASTER_KEY_FILE", "/nowhere/topsecret", "names no file"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_the_variable_and_not_the_value(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as refused:
        Settings.load()
    line = str(refused.value)
    assert line.startswith(f"{variable}: ")
    assert said in line
    assert "\n" not in line
    assert "topsecr" not in line
    assert refused.value.__cause__ is None


def test_two_settings_that_contradict_each_other_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key_file = tmp_path / "key"
    key_file.write_text(KEY)
    with pytest.raises(SettingsError, match=r"^APP_MASTER_KEY: is set beside APP_MASTER_KEY_FILE"):
        Settings.load(master_key=KEY, master_key_file=key_file)
    with pytest.raises(SettingsError, match=r"^APP_ISSUER: "):
        Settings.load(jwks_url="https://login.example.com/keys")
    with pytest.raises(SettingsError, match=r"^READ_DATABASE_URLS: "):
        Settings.load(read_database_urls="postgresql://one/cases")


def test_secrets_do_not_show() -> None:
    settings = Settings.load(database_url="postgresql://owner:topsecret@db/cases", master_key=KEY)
    assert "topsecret" not in repr(settings)
    assert KEY not in repr(settings)


def test_the_private_database_gets_a_key_once(tmp_path: Path) -> None:
    settings = Settings.load(data_dir=tmp_path / "data")
    with pytest.raises(SettingsError, match=r"^APP_MASTER_KEY: must be set"):
        settings.master_key_bytes()
    path = settings.make_master_key()
    assert path is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = settings.master_key_bytes()
    assert len(key) == 32
    settings.make_master_key()
    assert settings.master_key_bytes() == key


def test_a_key_that_is_set_is_used_and_none_is_made(tmp_path: Path) -> None:
    urlsafe = base64.urlsafe_b64encode(b"\xff" * 32).decode()
    settings = Settings.load(data_dir=tmp_path, master_key=urlsafe)
    assert settings.master_key_bytes() == b"\xff" * 32
    assert settings.make_master_key() is None
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "key").write_text(KEY + "\n")
    assert Settings.load(master_key_file=tmp_path / "key").master_key_bytes() == bytes(range(32))


def test_another_database_does_not_take_the_private_ones_key(tmp_path: Path) -> None:
    Settings.load(data_dir=tmp_path).make_master_key()
    settings = Settings.load(data_dir=tmp_path, database_url="postgresql://db/cases")
    with pytest.raises(SettingsError, match=r"^APP_MASTER_KEY: must be set"):
        settings.master_key_bytes()


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_private_file_is_read(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "kept"
    path.write_bytes(b"kept")
    path.chmod(mode)
    assert read_private_file(path) == b"kept"


@pytest.mark.parametrize("mode", [0o640, 0o602, 0o610, 0o604])
def test_a_file_that_others_may_open_is_not_read(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "open"
    path.write_bytes(b"seen")
    path.chmod(mode)
    with pytest.raises(NotPrivate):
        read_private_file(path)


def test_tokens_of_our_own_stay_on_this_machine(tmp_path: Path) -> None:
    ours = Settings.load(data_dir=tmp_path)
    ours.check_issuer("127.0.0.1")
    with pytest.raises(SettingsError, match=r"not 0\.0\.0\.0"):
        ours.check_issuer("0.0.0.0")
    with pytest.raises(SettingsError, match="DATABASE_URL is set"):
        Settings.load(database_url="postgresql://db/cases").check_issuer("127.0.0.1")
    theirs = Settings.load(
        database_url="postgresql://db/cases",
        jwks_url="https://login.example.com/keys",
        issuer="https://login.example.com",
    )
    theirs.check_issuer("0.0.0.0")


def test_only_this_machine_is_loopback() -> None:
    assert [is_loopback(host) for host in ("localhost", "127.0.0.1", "127.9.9.9", "::1")] == [
        True
    ] * 4
    assert [is_loopback(host) for host in ("0.0.0.0", "::", "example.com", "10.0.0.1")] == [
        False
    ] * 4
