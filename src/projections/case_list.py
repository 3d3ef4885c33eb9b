"""Lists of cases: filtered, newest activity first, one statement for a page.

A list is a row of data, a `CaseList`, and the blocks of the `.sql` beside its module: `by_<field>`
is the condition of a field of its filter, `summary` and `outline` are what is shown of a case. What
a list has no block of its own for is as in `case_list.sql`.

A page's statement has the conditions that were asked for and no others. It is put together of
blocks alone, once for each combination; values are parameters.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import Field, dataclass, field
from functools import lru_cache
from typing import Any, ClassVar, Generic, LiteralString, Protocol, TypeVar

from projections import customer_360
from projections.reading import Page, Reading, all_rows, bounded, cursor_of, keys_of
from projections.sight import Sight, sight_parameters
from store.views import Blocks, beside

SQL = beside(__file__)

SIGHTS = ("customer", "dealer", "unit", "region", "unassigned")
"""All that can make somebody see a case: the `sees_` blocks."""
STATEMENTS_MAX = 512
"""How many statements are remembered; those that nobody asked for longest are made anew."""


class Filter(Protocol):
    """A dataclass of what to look for; a field that is None does not filter."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


Wanted = TypeVar("Wanted", bound=Filter)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CaseList(Generic[Wanted]):
    """One list; raises `ValueError` where its filter and its conditions do not fit each other."""

    category: str
    filters: type[Wanted]
    blocks: Blocks
    """Its own."""
    sights: tuple[str, ...] | None = SIGHTS
    """What makes a case seen; None where everybody who may ask for the list sees all of it."""
    given: Mapping[str, Callable[[Any], object]] = field(default_factory=dict)
    """In what form the values of some fields are given to their conditions, if not as they are."""
    reads: Mapping[str, str] = field(default_factory=dict)
    """Which view the conditions of some fields read besides the cases."""

    def __post_init__(self) -> None:
        """Refuse a field without a condition and a condition without a field."""
        names = {f"by_{name}" for name in self.filters.__dataclass_fields__}
        lacking = names - {*self.blocks, *SQL}
        unasked = {name for name in self.blocks if name.startswith("by_")} - names
        strangers = {f"by_{name}" for name in (*self.given, *self.reads)} - names
        if lacking or unasked or strangers:
            raise ValueError(f"{self.category}: {sorted(lacking | unasked | strangers)}")

    def block(self, name: str) -> LiteralString:
        """Return a block: the list's own, or the one that lists have in common."""
        return self.blocks[name] if name in self.blocks else SQL[name]

    async def page(
        self,
        connection: Reading,
        wanted: Wanted,
        sight: Sight,
        *,
        outside: bool = False,
        hidden: Collection[str] = (),
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page:
        """Return one page; `outside` shows what the customer or dealer of a case may see of it.

        Who asks for a `hidden` field finds nothing, lest she learns it from what she finds. Raises
        `CursorIsWrong`.
        """
        before = keys_of(cursor, (int,))
        size = bounded(limit)
        asked = self._asked(wanted)
        conditions = [f"by_{name}" if name not in hidden else "nothing" for name in asked]
        seen = self._seen(sight)
        parameters = {
            **sight_parameters(sight),
            **asked,
            "views": [
                "case_documents",
                *(self.reads[name] for name in asked if name in self.reads),
            ],
            "category": self.category,
            "limit": size + 1,
        }
        if seen is not None and "customer" in seen:
            assert sight.customer_id is not None
            own = await customer_360.records(connection, sight.customer_id)
            parameters["own_customers"] = own
        if before is not None:
            conditions.append("after_cursor")
            parameters["before"] = before[0]
        rows = await all_rows(
            connection,
            _statement(self, "outline" if outside else "summary", tuple(conditions), seen),
            parameters,
            planned_anew=True,  # which index is best depends on how rare a value is
        )
        found = [row for row in rows if row[1] is not None]
        more = len(found) > size
        found = found[:size]
        return Page(
            position=rows[0][0],
            items=[row[2] for row in found],
            next=cursor_of(found[-1][1]) if more else None,
        )

    def _asked(self, wanted: Wanted) -> dict[str, object]:
        values = ((name, getattr(wanted, name)) for name in self.filters.__dataclass_fields__)
        return {
            name: self.given[name](value) if name in self.given else value
            for name, value in values
            if value is not None
        }

    def _seen(self, sight: Sight) -> tuple[str, ...] | None:
        """Return what makes a case seen; None where every case is."""
        if self.sights is None or sight.everything:
            return None
        has = {
            "customer": sight.customer_id is not None,
            "dealer": sight.dealer_id is not None,
            "unit": sight.unit is not None,
            "region": sight.region is not None,
            "unassigned": sight.unassigned,
        }
        return tuple(kind for kind in self.sights if has[kind])


@lru_cache(maxsize=STATEMENTS_MAX)
def _statement(
    of: CaseList[Any], shown: str, conditions: tuple[str, ...], seen: tuple[str, ...] | None
) -> LiteralString:
    """Return the statement of a page: all the conditions hold, and one of what makes a case seen.

    The driver in turn remembers how it reads each text.
    """
    asked = [of.block(name) for name in ("of_category", *conditions)]
    if seen is not None:
        sights = [of.block(f"sees_{kind}") for kind in seen]
        asked.append("(" + " OR ".join(sights) + ")" if sights else SQL["nothing"])
    return SQL["page"].format(shown=of.block(shown), conditions="\nAND ".join(asked))
