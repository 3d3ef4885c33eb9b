"""A lease on paper: the contract with its schedule, and the account as of a day."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from domain.declare import Refusal
from domain.fields import Erased
from domain.finance import DueDates, MonthsBy, Shift, annual_percentage_rate_bp
from domain.lease import (
    DECIDER,
    GuaranteeReceived,
    GuarantorNamed,
    Lease,
    LeaseInstalment,
    LeaseNotContracted,
    LeaseProduct,
    standing,
)
from projections.letters import Line
from projections.sheets import Column, Sheet, Table, newest
from projections.sheets.lease_account import movements
from projections.sheets.writer import Writer
from store.log import Recorded

Name = str | Erased | None


class LeaseNotSignedHere(Refusal, code="lease.not_signed_here"):
    """The contract was signed in another system; it can only be printed there."""


def folded(history: Sequence[Recorded]) -> Lease:
    """Return a lease from the events of its case, oldest first."""
    lease: Lease = DECIDER.initial
    for recorded in history:
        lease = DECIDER.evolve(lease, recorded.event)
    return lease


def contract_sheet(lease: Lease, product: LeaseProduct, name: Name, locale: str) -> Sheet:
    """Return the contract with the schedule that it was signed with.

    Raises `LeaseNotContracted`, and `LeaseNotSignedHere` for one of another system.
    """
    signed = lease.contract
    if lease.carried is not None:
        raise LeaseNotSignedHere
    if signed is None or lease.product is None:
        raise LeaseNotContracted
    writer = Writer(locale, signed.financed.currency)
    interest = sum(each.interest_minor for each in signed.instalments)
    head = writer.lines(
        contract_number=signed.contract_number,
        signed_on=writer.day(signed.signed_on),
        product=writer.word("products", lease.product.name),
        lender=lease.applied.bank if lease.applied and lease.applied.bank else None,
    )
    facts = writer.lines(
        financed=writer.money(signed.financed.minor),
        rate=writer.percent(signed.annual_percent),
        percentage_rate=_cost(signed.financed.minor, signed.instalments, product, writer),
        price=writer.money(lease.terms.price) if lease.terms else None,
        down_payment=writer.money(lease.terms.down_payment) if lease.terms else None,
        instalments=writer.number(len(signed.instalments)),
        first_due=writer.day(signed.instalments[0].due_on),
        interest_altogether=writer.money(interest),
        to_pay_altogether=writer.money(signed.financed.minor + interest),
    )
    guarantees = _guarantees(lease, writer)
    schedule = _schedule(signed.instalments, signed.financed.minor, writer)
    return Sheet(
        locale=locale,
        direction=writer.words["direction"],
        words=writer.words,
        title=writer.words["lease_contract"],
        subtitle=writer.day(signed.signed_on),
        addressee=writer.name(name),
        head=head,
        facts=facts,
        tables=(*guarantees, schedule),
        clauses=_clauses(lease, product, writer),
        signatures=_signatures(lease, writer),
    )


def _cost(
    financed: int, instalments: Sequence[LeaseInstalment], product: LeaseProduct, writer: Writer
) -> str | None:
    """Return what the lease costs a year by the actuarial method, its equal periods taken so."""
    payments = [each.principal_minor + each.interest_minor for each in instalments]
    every = product.schedule.due_dates.every_months
    found = annual_percentage_rate_bp(financed, payments, every)
    return None if found is None else writer.percent(f"{found // 100}.{found % 100:02}")


def _signatures(lease: Lease, writer: Writer) -> tuple[str, ...]:
    guarantors = [writer.words["guarantor"]] if lease.guarantors else []
    return (writer.words["lessee"], *guarantors, writer.words["for_the_company"])


def _schedule(instalments: Sequence[LeaseInstalment], principal: int, writer: Writer) -> Table:
    words = writer.words
    rows = []
    left = principal
    for each in instalments:
        left -= each.principal_minor
        rows.append(
            (
                writer.number(each.n),
                writer.short(each.due_on),
                writer.figure(each.principal_minor),
                writer.figure(each.interest_minor),
                writer.figure(each.principal_minor + each.interest_minor),
                writer.figure(left),
            )
        )
    interest = sum(each.interest_minor for each in instalments)
    total = (
        "",
        words["sum"],
        writer.figure(principal),
        writer.figure(interest),
        writer.figure(principal + interest),
        "",
    )
    return Table(
        heading=words["schedule"],
        columns=(
            Column(words["number"], is_number=True),
            Column(words["due_on"]),
            Column(words["principal"], is_number=True),
            Column(words["interest"], is_number=True),
            Column(words["instalment"], is_number=True),
            Column(words["principal_left"], is_number=True),
        ),
        rows=tuple(rows),
        total=total,
        note=writer.currency_note(),
    )


def _guarantees(lease: Lease, writer: Writer) -> tuple[Table, ...]:
    words = writer.words
    received = [each for each in lease.items.values() if isinstance(each, GuaranteeReceived)]
    named = {
        each.guarantor_id: writer.reference(each.name)
        for each in lease.items.values()
        if isinstance(each, GuarantorNamed)
    }
    if not received:
        return ()
    rows = tuple(
        (
            writer.word("guarantees", each.kind.value),
            writer.reference(each.reference) or _named(named, each.guarantor_id),
            writer.short(each.received_on),
            "" if each.amount is None else writer.figure(each.amount.minor),
        )
        for each in sorted(received, key=lambda one: (one.received_on, one.guarantee_id))
    )
    columns = (
        Column(words["guarantee"]),
        Column(words["reference"]),
        Column(words["received_on"]),
        Column(words["amount"], is_number=True),
    )
    note = writer.currency_note()
    return (Table(heading=words["guarantees"], columns=columns, rows=rows, note=note),)


def _due(dates: DueDates) -> str:
    """Return which sentence says when instalments fall due."""
    persian = dates.months is MonthsBy.CIVIL
    if dates.every_months == 1:
        return "due_every_persian_month" if persian else "due_every_month"
    return "due_by_persian_months" if persian else "due_by_months"


def _named(named: Mapping[UUID, str], guarantor_id: UUID | None) -> str:
    return "" if guarantor_id is None else named.get(guarantor_id, "")


def _clauses(lease: Lease, product: LeaseProduct, writer: Writer) -> tuple[str, ...]:
    """Return the terms of the contract in sentences, as its product and its event say them."""
    assert lease.contract is not None
    terms, dates = product.schedule, product.schedule.due_dates
    rate = writer.percent(lease.contract.annual_percent)
    said = [
        writer.said(f"method_{terms.method.value}", rate=rate),
        writer.said(f"day_count_{terms.day_count.value}"),
        writer.said(_due(dates), every=writer.number(dates.every_months)),
    ]
    if dates.shift is not Shift.NONE:
        said.append(writer.said(f"shift_{dates.shift.value}"))
    penalty = lease.contract.penalty
    if penalty.annual_percent.strip("0."):
        base = "penalty_on_principal" if penalty.on_principal_only else "penalty_on_instalment"
        said.append(writer.said(base, percent=writer.percent(penalty.annual_percent)))
        if penalty.grace_days:
            grace = "grace_then_after" if penalty.after_grace_only else "grace_then_all"
            said.append(writer.said(grace, days=writer.number(penalty.grace_days)))
    said.append(writer.said("order_of_payment"))
    for mode in product.prepayment:
        said.append(writer.said(f"prepayment_{mode.value}"))
    settlement = product.settlement
    said.append(
        writer.said(
            f"rebate_{settlement.rebate.value}", percent=writer.percent(settlement.rebate_percent)
        )
    )
    if settlement.fee_percent.strip("0."):
        said.append(writer.said("settlement_fee", percent=writer.percent(settlement.fee_percent)))
    days = writer.number(lease.contract.arrears.default_from_days)
    said.append(writer.said("default_after", days=days))
    return tuple(said)


# --- the account ----------------------------------------------------------------------------------


def account_sheet(
    history: Sequence[Recorded], name: Name, locale: str, as_of_on: date, zone: str
) -> Sheet:
    """Return the account of a lease as of a day: how it stands, what moved, what is still due.

    Payments stand by their day of value, and with where they go now: a payment that came late is
    among those of its day. Raises `LeaseNotContracted`.
    """
    lease = folded(history)
    if lease.contract is None and lease.carried is None:
        raise LeaseNotContracted
    writer = Writer(locale, lease.currency, zone)
    stands = standing(lease, as_of_on)
    number = _number(lease)
    paid_on = [on for on in (stands.oldest_unpaid_due_on,) if stands.arrears_minor]
    facts = writer.lines(
        principal_left=writer.money(stands.outstanding_minor),
        next_due=writer.money(stands.next_due_minor) if stands.next_due_on else None,
        arrears=writer.money(stands.arrears_minor),
        next_due_on=writer.day(stands.next_due_on) or None,
        penalty=writer.money(stands.penalty_minor),
        fee=writer.money(stands.fee_minor),
        oldest_unpaid=writer.day(paid_on[0]) if paid_on else None,
        days_past_due=writer.number(stands.days_past_due) if stands.days_past_due else None,
        surplus=writer.money(stands.surplus_minor) if stands.surplus_minor else None,
    )
    return Sheet(
        locale=locale,
        direction=writer.words["direction"],
        words=writer.words,
        title=writer.words["lease_account"],
        subtitle=writer.said("as_of", day=writer.day(as_of_on)),
        addressee=writer.name(name),
        head=_account_head(lease, number, writer),
        facts=facts,
        tables=(
            movements_table(history, lease, writer, as_of_on),
            _instalments(lease, writer, as_of_on),
        ),
        notes=_notes(history, writer, as_of_on),
    )


def _number(lease: Lease) -> str:
    if lease.contract is not None:
        return lease.contract.contract_number
    return lease.carried.contract_number if lease.carried is not None else ""


def _account_head(lease: Lease, number: str, writer: Writer) -> tuple[Line, ...]:
    signed = lease.contract
    return writer.lines(
        contract_number=number,
        signed_on=None if signed is None else writer.day(signed.signed_on),
        carried_over_on=None if lease.carried is None else writer.day(lease.carried.as_of_on),
        product=None if lease.product is None else writer.word("products", lease.product.name),
        rate=writer.percent(lease.account.annual_percent),
        status=writer.word("statuses", lease.status.value),
    )


def movements_table(
    history: Sequence[Recorded], lease: Lease, writer: Writer, as_of_on: date
) -> Table:
    """Return what moved on the account until a day, oldest first."""
    words = writer.words
    rows = [
        (
            writer.short(each.on),
            writer.word("movements", each.what),
            writer.figure(each.amount, blank=True),
            writer.figure(each.penalty + each.fee, blank=True),
            writer.figure(each.interest, blank=True),
            writer.figure(each.principal, blank=True),
            writer.figure(each.principal_left),
        )
        for each in movements(history, lease)
        if each.on <= as_of_on
    ]
    shown, left_out = newest(rows, writer.locale)
    note = writer.currency_note()
    return Table(
        heading=words["movements"],
        columns=(
            Column(words["day"]),
            Column(words["what"]),
            Column(words["amount"], is_number=True),
            Column(words["penalty_and_fee"], is_number=True),
            Column(words["interest"], is_number=True),
            Column(words["principal"], is_number=True),
            Column(words["principal_left"], is_number=True),
        ),
        rows=shown,
        note=f"{note} {left_out}".strip(),
    )


def _instalments(lease: Lease, writer: Writer, as_of_on: date) -> Table:
    """Return the instalments of the schedule in force that are not paid yet, and the last paid."""
    words = writer.words
    lines = lease.account.lines
    first = next((place for place, line in enumerate(lines) if line.unpaid), len(lines))
    rows = []
    for line in lines[max(first - 1, 0) :]:
        state = "overdue" if line.due_on < as_of_on else "ahead"
        if not line.unpaid:
            state = "paid"
        elif line.principal_paid + line.interest_paid:
            state = f"part_{state}"
        rows.append(
            (
                writer.number(line.n),
                writer.short(line.due_on),
                writer.figure(line.principal_minor),
                writer.figure(line.interest_minor),
                writer.figure(line.unpaid),
                writer.word("instalment_states", state),
            )
        )
    return Table(
        heading=words["instalments_open"],
        columns=(
            Column(words["number"], is_number=True),
            Column(words["due_on"]),
            Column(words["principal"], is_number=True),
            Column(words["interest"], is_number=True),
            Column(words["unpaid"], is_number=True),
            Column(words["state"]),
        ),
        rows=tuple(rows),
        note=writer.currency_note(),
    )


def _notes(history: Sequence[Recorded], writer: Writer, as_of_on: date) -> tuple[str, ...]:
    replays = [
        recorded
        for recorded in history
        if recorded.topic == "lease.account_replayed"
        and writer.local(recorded.recorded_at) <= as_of_on
    ]
    said = [writer.said("payments_by_value")]
    if replays:
        said.append(
            writer.said(
                "replayed",
                count=writer.number(len(replays)),
                day=writer.day(replays[-1].recorded_at),
            )
        )
    return tuple(said)
