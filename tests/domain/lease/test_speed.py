"""However payments arrive, folding and answering takes little; seconds are of the processor."""

import time
from datetime import date, timedelta
from typing import Any

from domain import lease as l
from domain.declare import Context
from tests.domain.lease import desk as d

PAYMENTS = 200


def long_lease() -> Any:
    """Return a lease of 84 instalments."""
    terms = d.EARLY.after(
        (d.OFFICER, d.apply(term_months=84)),
        (d.CUSTOMER, d.upload(1, l.LeasePaper.DRIVING_LICENCE)),
        (d.CUSTOMER, d.upload(2, l.LeasePaper.BANK_STATEMENT)),
        (d.OFFICER, d.verify(1)),
        (d.OFFICER, d.verify(2)),
        (d.OFFICER, d.check()),
        (d.COMMITTEE, d.approve()),
        (d.OFFICER, d.guarantee(30, "vehicle_lien")),
        (d.OFFICER, d.sign()),
    )
    return terms.at(d.NOW.replace(year=2033)).state


def taken(state: Any, commands: list[Any]) -> tuple[Any, list[Any], float]:
    """Return the lease after these commands, its events, and the seconds that it took."""
    context = Context(now=d.NOW.replace(year=2033), actor=d.MANAGER, rules=d.RULES)
    events: list[Any] = []
    begun_s = time.process_time()
    for command in commands:
        for event in l.DECIDER.decide(state, command, context):
            state = l.DECIDER.evolve(state, event)
            events.append(event)
    return state, events, time.process_time() - begun_s


def payments() -> list[Any]:
    """Return payments of some two for each instalment, in order of their days of value."""
    days = [d.SIGNED_ON + timedelta(days=10 + 12 * n) for n in range(PAYMENTS)]
    return [d.pay(n, 18_000 + 37 * n, on) for n, on in enumerate(days)]


def test_many_payments_are_taken_quickly_also_backwards_and_stand_the_same() -> None:
    begun = long_lease()
    in_order = payments()[: PAYMENTS // 2]
    backwards = list(reversed(in_order))
    stands = []
    for commands, at_most_s in ((in_order, 0.5), (backwards, 4.0)):
        state, events, took_s = taken(begun, commands)
        assert took_s < at_most_s
        again_s = time.process_time()
        folded = begun
        for event in events:
            folded = l.DECIDER.evolve(folded, event)
        assert time.process_time() - again_s < at_most_s
        assert folded == state
        stands.append((state.account.lines, state.account.entries, state.account.surplus))
    assert stands[0] == stands[1]


def test_many_reversals_are_taken_quickly() -> None:
    state, _, _ = taken(long_lease(), payments())
    reversals = [d.take_back(n) for n in range(0, PAYMENTS, 4)]
    state, _, took_s = taken(state, reversals)
    assert took_s < 4.0
    assert len(state.account.entries) == PAYMENTS - len(reversals)


def test_twice_the_payments_take_about_twice_as_long() -> None:
    begun = long_lease()
    half = payments()[: PAYMENTS // 2]
    _, _, half_s = min((taken(begun, half) for _ in range(3)), key=lambda each: each[2])
    _, _, whole_s = min((taken(begun, payments()) for _ in range(3)), key=lambda each: each[2])
    assert whole_s < 4 * half_s
    assert date(2031, 1, 1) < payments()[-1].value_on
