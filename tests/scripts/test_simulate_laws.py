"""What holds of simulations of any log: nothing but what was changed makes a difference."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from hypothesis import given

from domain.complaint import ComplaintDeadlineBreached, ComplaintDeadlineWarned
from simulating.as_it_was import AsItWas
from simulating.rederiving import Rederiving
from simulating.remaking import Remaking
from simulating.tally import Tally
from store.log import Recorded
from tests.domain.complaint.desk import SPECIALIST
from tests.sagas.random_cases import DAY, RULES, SAGAS, Act, acts, lived
from tests.scenario import CASE


@given(acts(outages=True))
def test_what_sagas_made_is_made_again_from_what_people_did(history: list[Act]) -> None:
    run = lived(history)
    made = sum(each.actor.startswith("saga:") for each in run.time.log)
    remade = Remaking({}, sagas=SAGAS, rules=RULES).run(run.time.log)
    assert remade.differences == []
    assert sum(remade.dropped.values()) == made


@given(acts(outages=False))
def test_a_log_derived_anew_by_its_own_rules_comes_to_what_it_was(history: list[Act]) -> None:
    log = lived(history).time.log
    if not log:
        return
    until_at: datetime = log[-1].recorded_at
    was, again = AsItWas(), Rederiving((), Tally(), rules=RULES)
    was.count(log, until_at)
    again.run(log)
    assert again.watches[CASE].marks == was.watches[CASE].marks
    assert again.tally.without_cause == {}
    assert again.tally.totals == was.tally.totals
    assert again.tally.worst == was.tally.worst


def missed_log() -> list[Recorded]:
    """Nobody does anything for ten days after a complaint was registered."""
    log = lived([Act(10 * DAY, False, SPECIALIST, "go_on")]).time.log
    assert any(isinstance(each.event, ComplaintDeadlineBreached) for each in log)
    return log


def test_a_saga_s_event_that_says_something_else_is_found() -> None:
    log = missed_log()
    place = next(n for n, e in enumerate(log) if isinstance(e.event, ComplaintDeadlineBreached))
    wrong = replace(log[place].event, due_at=log[place].event.due_at + DAY)
    log[place] = log[place]._replace(event=wrong)
    found = Remaking({}, sagas=SAGAS, rules=RULES).run(log).differences
    assert found[0].fields == ("due_at",)
    assert (found[0].recorded, found[0].made) == ("complaint.deadline_breached",) * 2


def test_an_event_that_no_saga_would_make_is_found() -> None:
    log = missed_log()
    last = log[-1]
    warned = ComplaintDeadlineWarned(n=1, code="share_1", due_at=last.recorded_at)
    more = last._replace(
        position=last.position + 1,
        version=last.version + 1,
        topic="complaint.deadline_warned",
        event=warned,
        event_id=UUID(int=7),
    )
    [found] = Remaking({}, sagas=SAGAS, rules=RULES).run([*log, more]).differences
    assert (found.recorded, found.made) == ("complaint.deadline_warned", None)


def test_what_sagas_left_undone_is_counted() -> None:
    log = [each for each in missed_log() if not each.actor.startswith("saga:")]
    silent = [each._replace(position=n) for n, each in enumerate(log, 1)]
    later = silent[-1]._replace(recorded_at=silent[-1].recorded_at + 10 * DAY)
    remade = Remaking({}, sagas=SAGAS, rules=RULES).run([*silent[:-1], later])
    assert remade.differences == []
    assert remade.still_to_be_done > 0
