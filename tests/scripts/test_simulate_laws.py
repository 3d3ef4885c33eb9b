"""What holds of simulations of any log: nothing but what was changed makes a difference."""

from datetime import datetime

from hypothesis import given

from simulating.as_it_was import AsItWas
from simulating.rederiving import Rederiving
from simulating.remaking import Remaking
from simulating.tally import Tally
from tests.sagas.random_cases import RULES, SAGAS, Act, acts, lived
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
