"""Read models: disposable, rebuilt from the log at any time.

`VIEWS` are what the runner keeps up with the log. The other modules ask questions of these views'
tables: the lists of cases, `worklist` and `customer_360` read the rows of `case_documents`.
"""

from projections.audit_trail import VIEW as AUDIT_TRAIL
from projections.case_documents import VIEW as CASE_DOCUMENTS
from projections.deadlines import VIEW as DEADLINES
from projections.draw_entries import VIEW as DRAW_ENTRIES
from projections.identifiers import VIEW as IDENTIFIERS
from projections.inbox import VIEW as INBOX
from projections.search import VIEW as SEARCH
from store.views import View

VIEWS: tuple[View, ...] = (
    CASE_DOCUMENTS,
    AUDIT_TRAIL,
    IDENTIFIERS,
    SEARCH,
    INBOX,
    DEADLINES,
    DRAW_ENTRIES,
)
"""Every view there is."""
