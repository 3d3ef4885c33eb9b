"""Rebuilding and checking views from the command line."""

from datetime import UTC, datetime

from _demo import load_demo
from projections import VIEWS
from rebuilding import ALL, app
from store.casebook import Casebook
from store.database import connect
from store.views import catch_up
from tests.scripts.running import run


def caught_up(installation: Casebook) -> str:
    load_demo(installation, datetime.now(UTC))
    url = installation.case_recorder.url
    catch_up(url, installation.log_reader, VIEWS)
    return url


def test_every_view_is_rebuilt_and_then_equal_to_its_rebuild(installation: Casebook) -> None:
    caught_up(installation)
    rebuilt = run(app)
    assert rebuilt.exit_code == 0
    head = installation.head()
    for view in ALL:
        assert f"{view.name}: rebuilt up to position {head}" in rebuilt.stdout
    checked = run(app, "--check")
    assert checked.exit_code == 0
    assert checked.stdout.count("equal to its rebuild in all columns") == len(ALL)


def test_a_check_names_the_rows_that_differ_and_a_rebuild_mends_them(
    installation: Casebook,
) -> None:
    url = caught_up(installation)
    with connect(url) as owner:
        owner.execute("UPDATE views.audit_trail SET actor = 'nobody' WHERE position = 2")
        owner.execute("DELETE FROM views.audit_trail WHERE position = 3")
    checked = run(app, "audit_trail", "--check")
    assert checked.exit_code == 2
    assert "audit_trail 2 differs\n" in checked.stdout
    assert "audit_trail 3 differs (only in the rebuild)" in checked.stdout
    assert run(app, "audit_trail").exit_code == 0
    assert run(app, "audit_trail", "--check").exit_code == 0


def test_a_view_that_is_not_there_is_one_clear_line(installation: Casebook) -> None:
    result = run(app, "no_such_view")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "choose from case_documents, audit_trail" in result.stderr
