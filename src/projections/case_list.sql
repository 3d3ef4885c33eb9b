What the lists of cases have in common. A case's place in its list is the position of its newest
event.

-- page --
-- Always answers a row, so that the position comes with an empty page too: that of the stalest view
-- that is read. The braces stand for blocks, of this file or of a list's own.
SELECT t.position, i.position, i.shown
FROM (SELECT min(position) AS position FROM views.tracking
      WHERE view = ANY (%(views)s::text[])) t
LEFT JOIN LATERAL (
    SELECT c.position, {shown} AS shown
    FROM views.cases c
    WHERE {conditions}
    ORDER BY c.position DESC
    LIMIT %(limit)s
) i ON true
ORDER BY i.position DESC;

-- summary --
-- What staff are shown of a case.
c.summary

-- outline --
-- What the customer and the dealer of a case are shown of it.
c.outline

-- of_category --
c.category = %(category)s

-- after_cursor --
c.position < %(before)s::bigint

-- nothing --
false

-- sees_customer --
c.customer_id = ANY (%(own_customers)s::uuid[])

-- sees_dealer --
c.dealer_id = %(own_dealer)s

-- sees_unit --
c.units @> ARRAY[%(own_unit)s::text]

-- sees_region --
c.region = %(own_region)s

-- sees_unassigned --
c.unassigned

-- by_status --
c.status = %(status)s

-- by_kind --
c.kind = %(kind)s

-- by_number --
c.number = %(number)s

-- by_dealer --
c.dealer_id = %(dealer)s

-- by_region --
c.region = %(region)s

-- by_unit --
c.units @> ARRAY[%(unit)s::text]

-- by_handler --
c.handler = %(handler)s

-- by_customer --
c.customer_id = %(customer)s

-- by_vehicle --
c.vehicle_id = %(vehicle)s

-- by_is_open --
c.is_open = %(is_open)s

-- by_due_before_at --
c.due_at < %(due_before_at)s
