"""Read models: disposable, rebuilt from the log at any time.

`VIEWS` are what the runner keeps up with the log. The other modules ask questions of these views'
tables: `complaint_list`, `worklist` and `customer_360` read the rows of `case_documents`.
"""

from projections import audit_trail, case_documents, identifiers, search
from store.views import View

VIEWS: tuple[View, ...] = (
    case_documents.VIEW,
    audit_trail.VIEW,
    identifiers.VIEW,
    search.VIEW,
)
"""Every view there is."""
