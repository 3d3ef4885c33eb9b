"""What a simulation came to, as text for a terminal and as JSON; the same words every time."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from simulating.remaking import Difference, Remade
from simulating.running import Outcome
from simulating.tally import COLUMNS, Changes, Figures, Missed, Tally, Told

UNITS_MAX = 20
"""So many units are printed, those with most breaches first; JSON has all."""

_PRIORITIES = ("urgent", "high", "normal", "low", "-")


def text(outcome: Outcome, head: Mapping[str, Any]) -> str:
    """Return the report for people."""
    lines = [f"{name}: {value}" for name, value in head.items() if value]
    if outcome.rows_left_out:
        lines.append(
            f"rows that cannot be played: {outcome.rows_left_out:,}"
            " (import_cases.py --dry-run says why)"
        )
    if outcome.what_if is None:
        lines += _one(outcome.baseline)
    else:
        lines += _two(outcome.baseline, outcome.what_if, outcome.changes)
    return "\n".join(lines) + "\n"


def plain(outcome: Outcome, head: Mapping[str, Any]) -> dict[str, Any]:
    """Return the report for programs: everything that was counted, in a fixed order."""
    made: dict[str, Any] = {
        **head,
        "rows_left_out": outcome.rows_left_out,
        "baseline": _tally(outcome.baseline),
    }
    if outcome.what_if is not None:
        changes = outcome.changes
        made["what_if"] = _tally(outcome.what_if)
        made["changes"] = {
            "cases": changes.cases,
            "newly_breached": dict(sorted(changes.newly_breached.items())),
            "no_longer_breached": dict(sorted(changes.no_longer_breached.items())),
        }
    return made


# --- what sagas made, made again ------------------------------------------------------------------

DIFFERENCES_MAX = 20
"""So many differences are printed; JSON has all."""


def remade_text(remade: Remade) -> str:
    """Return what came of making again what sagas made."""
    dropped = sum(remade.dropped.values())
    by_saga = ", ".join(f"{name} {remade.dropped[name]:,}" for name in sorted(remade.dropped))
    lines = ["", f"dropped, for sagas made them: {dropped:,} events ({by_saga or 'none'})"]
    if remade.still_to_be_done:
        lines.append(f"due at the very end, and still to be made: {remade.still_to_be_done:,}")
    if not remade.differences:
        lines.append("made again: the same events, in the same order, of every case")
    else:
        lines.append(f"made again otherwise: {len(remade.differences):,} events")
        lines += [_difference(one) for one in remade.differences[:DIFFERENCES_MAX]]
        if len(remade.differences) > DIFFERENCES_MAX:
            lines.append(f"… and {len(remade.differences) - DIFFERENCES_MAX:,} more")
    return "\n".join(lines) + "\n"


def remade_plain(remade: Remade) -> dict[str, Any]:
    """Return the same for programs."""
    return {
        "dropped": dict(sorted(remade.dropped.items())),
        "still_to_be_made": remade.still_to_be_done,
        "differences": [
            {
                "case": one.stream,
                "version": one.version,
                "recorded": one.recorded,
                "made_again": one.made,
                "fields": one.fields,
            }
            for one in remade.differences
        ],
    }


def _difference(one: Difference) -> str:
    if one.fields:
        said = f"{one.recorded} says otherwise: {', '.join(one.fields)}"
    else:
        said = f"{one.recorded or 'nothing'} is recorded, {one.made or 'nothing'} was made again"
    return f"  {one.stream} version {one.version}: {said}"


# --- text: one tally ------------------------------------------------------------------------------


def _one(tally: Tally) -> Iterator[str]:
    yield f"{tally.cases:,} cases, {tally.acts:,} acts, {tally.events:,} events"
    yield from _groups("clock", tally.by_clock, tally.totals, sorted(tally.by_clock))
    yield from _groups("priority", tally.by_priority, None, _in_order(tally.by_priority))
    units = _most_breached(tally.by_unit)
    yield from _groups("unit", tally.by_unit, None, units[:UNITS_MAX])
    yield from _further(units)
    yield from _counts("warnings", tally.warnings)
    yield from _counts("escalations, by cause", tally.causes)
    yield from _told(tally.told)
    yield from _counts("refused", tally.refused)
    yield from _worst(tally.worst)


def _groups(
    title: str, groups: Mapping[str, Figures], totals: Figures | None, names: Sequence[str]
) -> Iterator[str]:
    rows = [[name, *(f"{groups[name][column]:,}" for column in COLUMNS)] for name in names]
    if totals is not None:
        rows.append(["all", *(f"{totals[column]:,}" for column in COLUMNS)])
    if rows:
        yield ""
        yield from _table([title, *COLUMNS], rows)


def _further(units: Sequence[str]) -> Iterator[str]:
    if len(units) > UNITS_MAX:
        yield f"… and {len(units) - UNITS_MAX:,} further units (--json has them all)"


def _counts(title: str, counts: Counter[str]) -> Iterator[str]:
    if counts:
        listed = ", ".join(f"{name} {counts[name]:,}" for name in sorted(counts))
        yield ""
        yield f"{title}: {listed}"


def _told(told: Counter[Told]) -> Iterator[str]:
    if not told:
        return
    by_rung: Counter[tuple[int, str]] = Counter()
    for whom, times in told.items():
        by_rung[whom.rung, whom.role] += times
    rows = []
    for (rung, role), times in sorted(by_rung.items()):
        places = Counter({t.place: n for t, n in told.items() if (t.rung, t.role) == (rung, role)})
        most = sorted(places.items(), key=lambda item: (-item[1], item[0]))
        named = ", ".join(f"{place} {n:,}" for place, n in most[:5])
        more = f", {len(most) - 5:,} more" if len(most) > 5 else ""
        rows.append([str(rung + 1), role, f"{times:,}", named + more])
    yield ""
    yield from _table(["rung", "role", "told", "of"], rows, left=(1, 3))


def _worst(worst: Sequence[Missed], title: str = "worst") -> Iterator[str]:
    if not worst:
        return
    rows = [
        [
            missed.case, missed.clock, missed.priority, missed.unit, _shown(missed.due_at),
            _shown(missed.stopped_at), _span(missed.late_by), str(missed.rungs),
        ]
        for missed in worst
    ]  # fmt: skip
    head = [title, "clock", "priority", "unit", "due", "stopped", "late by", "rungs"]
    yield ""
    yield from _table(head, rows, left=(0, 1, 2, 3, 4, 5))


# --- text: a what-if beside the baseline ----------------------------------------------------------


def _two(before: Tally, after: Tally, changes: Changes) -> Iterator[str]:
    yield f"{before.cases:,} cases, {before.acts:,} acts"
    yield f"{changes.cases:,} cases differ in what happened to their deadlines"
    for title, was, now, names in (
        ("clock", before.by_clock, after.by_clock, None),
        ("priority", before.by_priority, after.by_priority, _PRIORITIES),
        ("unit", before.by_unit, after.by_unit, None),
    ):
        yield from _beside(title, was, now, names)
    yield ""
    yield from _table(
        ["all", "baseline", "what-if", "difference"],
        [_pair(column, before.totals[column], after.totals[column]) for column in COLUMNS],
    )
    told_before, told_after = _by_role(before.told), _by_role(after.told)
    if told_before or told_after:
        yield ""
        yield from _table(
            ["told", "baseline", "what-if", "difference"],
            [
                _pair(role, told_before[role], told_after[role])
                for role in sorted(told_before | told_after)
            ],
        )
    yield from _counts("newly breached", changes.newly_breached)
    yield from _counts("no longer breached", changes.no_longer_breached)
    yield from _counts("refused in the baseline", before.refused)
    yield from _counts("refused in the what-if", after.refused)
    yield from _counts("acts left without a cause in the baseline", before.without_cause)
    yield from _counts("acts left without a cause in the what-if", after.without_cause)
    yield from _worst(after.worst, "worst of the what-if")


def _beside(
    title: str,
    before: Mapping[str, Figures],
    after: Mapping[str, Figures],
    order: Sequence[str] | None,
) -> Iterator[str]:
    """Show warned, breached and escalated, as they were and as they would be."""
    nothing: Figures = Counter()
    names = sorted(before.keys() | after.keys())
    if order is not None:
        names = sorted(names, key=lambda name: order.index(name) if name in order else -1)
    elif title == "unit":
        sums = {name: before.get(name, nothing) + after.get(name, nothing) for name in names}
        names = _most_breached(sums)
    rows = []
    for name in names[:UNITS_MAX]:
        was, now = before.get(name, nothing), after.get(name, nothing)
        row = [name]
        for column in ("started", "warned", "breached", "escalated"):
            row += [f"{was[column]:,}", f"{now[column]:,}", _signed(now[column] - was[column])]
        rows.append(row)
    if not rows:
        return
    head = [title]
    for column in ("started", "warned", "breached", "escalated"):
        head += [column, "what-if", "+/-"]
    yield ""
    yield from _table(head, rows)
    yield from _further(names)


def _pair(name: str, before: int, after: int) -> list[str]:
    return [name, f"{before:,}", f"{after:,}", _signed(after - before)]


def _by_role(told: Counter[Told]) -> Counter[str]:
    roles: Counter[str] = Counter()
    for whom, times in told.items():
        roles[whom.role] += times
    return roles


# --- text: the same for all -----------------------------------------------------------------------


def _table(
    head: Sequence[str], rows: Iterable[Sequence[str]], left: Sequence[int] = (0,)
) -> Iterator[str]:
    """Lay out columns: those named `left` begin at the left, numbers end at the right."""
    lines = [head, *rows]
    widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
    for line in lines:
        cells = (
            cell.ljust(width) if n in left else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


def _most_breached(groups: Mapping[str, Figures]) -> list[str]:
    return sorted(groups, key=lambda n: (-groups[n]["breached"], -groups[n]["started"], n))


def _in_order(groups: Mapping[str, Figures]) -> list[str]:
    return [name for name in _PRIORITIES if name in groups]


def _signed(number: int) -> str:
    return f"{number:+,}" if number else "·"


def _shown(at: datetime | None) -> str:
    return "-" if at is None else at.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def _span(span: timedelta) -> str:
    hours, rest = divmod(int(span.total_seconds()), 3600)
    days, hours = divmod(hours, 24)
    return f"{days:,} d {hours:02} h" if days else f"{hours} h {rest // 60:02} min"


# --- JSON -----------------------------------------------------------------------------------------


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "cases": tally.cases,
        "acts": tally.acts,
        "events": tally.events,
        "totals": _figures(tally.totals),
        "by_clock": _by_name(tally.by_clock),
        "by_priority": _by_name(tally.by_priority),
        "by_unit": _by_name(tally.by_unit),
        "warnings": dict(sorted(tally.warnings.items())),
        "escalations_by_cause": dict(sorted(tally.causes.items())),
        "told": [
            {"rung": whom.rung, "role": whom.role, "of": whom.place, "times": times}
            for whom, times in sorted(tally.told.items())
        ],
        "refused": dict(sorted(tally.refused.items())),
        "without_cause": dict(sorted(tally.without_cause.items())),
        "worst": [
            {
                "case": missed.case,
                "clock": missed.clock,
                "priority": missed.priority,
                "unit": missed.unit,
                "due_at": missed.due_at,
                "stopped_at": missed.stopped_at,
                "late_s": -missed.late_s,
                "rungs": missed.rungs,
            }
            for missed in tally.worst
        ],
    }


def _figures(figures: Figures) -> dict[str, int]:
    return {column: figures[column] for column in COLUMNS}


def _by_name(groups: Mapping[str, Figures]) -> dict[str, dict[str, int]]:
    return {name: _figures(groups[name]) for name in sorted(groups)}
