The list of complaints. A case's place in it is the position of its newest event.

-- page --
-- Always answers a row, so that the view's position comes with an empty page too.
SELECT t.position, i.position, i.shown
FROM (SELECT min(position) AS position FROM views.tracking WHERE view = 'case_documents') t
LEFT JOIN LATERAL (
    SELECT c.position, CASE WHEN %(outside)s THEN c.outline ELSE c.summary END AS shown
    FROM views.cases c
    WHERE true
      AND c.category = 'complaint'
      AND (%(before)s::bigint IS NULL OR c.position < %(before)s)
      AND (%(status)s::text IS NULL OR c.status = %(status)s)
      AND (%(kind)s::text IS NULL OR c.kind = %(kind)s)
      AND (%(priority)s::text IS NULL OR c.priority = %(priority)s)
      AND (%(dealer)s::text IS NULL OR c.dealer_id = %(dealer)s)
      AND (%(region)s::text IS NULL OR c.region = %(region)s)
      AND (%(handler)s::text IS NULL OR c.handler = %(handler)s)
      AND (%(customer)s::uuid IS NULL OR c.customer_id = %(customer)s)
      AND (%(vehicle)s::uuid IS NULL OR c.vehicle_id = %(vehicle)s)
      AND (%(is_open)s::boolean IS NULL OR c.is_open = %(is_open)s)
      AND (%(due_before_at)s::timestamptz IS NULL OR c.due_at < %(due_before_at)s)
      AND (%(everything)s
           OR c.customer_id = ANY (%(own_customers)s::uuid[])
           OR c.dealer_id = %(own_dealer)s::text
           OR (%(own_unit)s::text IS NOT NULL AND c.units @> ARRAY[%(own_unit)s::text])
           OR c.region = %(own_region)s::text
           OR (%(unassigned)s AND c.unassigned))
    ORDER BY c.position DESC
    LIMIT %(limit)s
) i ON true
ORDER BY i.position DESC;

-- page_of_search --
-- As fresh as the staler of the two views.
SELECT t.position, i.position, i.shown
FROM (SELECT min(position) AS position FROM views.tracking WHERE view IN ('case_documents', 'search')) t
LEFT JOIN LATERAL (
    SELECT c.position, CASE WHEN %(outside)s THEN c.outline ELSE c.summary END AS shown
    FROM views.cases c
    JOIN views.search s ON s.stream = c.stream
    WHERE s.words @@ %(query)s::tsquery
      AND %(query)s::text <> ''
      AND c.category = 'complaint'
      AND (%(before)s::bigint IS NULL OR c.position < %(before)s)
      AND (%(status)s::text IS NULL OR c.status = %(status)s)
      AND (%(kind)s::text IS NULL OR c.kind = %(kind)s)
      AND (%(priority)s::text IS NULL OR c.priority = %(priority)s)
      AND (%(dealer)s::text IS NULL OR c.dealer_id = %(dealer)s)
      AND (%(region)s::text IS NULL OR c.region = %(region)s)
      AND (%(handler)s::text IS NULL OR c.handler = %(handler)s)
      AND (%(customer)s::uuid IS NULL OR c.customer_id = %(customer)s)
      AND (%(vehicle)s::uuid IS NULL OR c.vehicle_id = %(vehicle)s)
      AND (%(is_open)s::boolean IS NULL OR c.is_open = %(is_open)s)
      AND (%(due_before_at)s::timestamptz IS NULL OR c.due_at < %(due_before_at)s)
      AND (%(everything)s
           OR c.customer_id = ANY (%(own_customers)s::uuid[])
           OR c.dealer_id = %(own_dealer)s::text
           OR (%(own_unit)s::text IS NOT NULL AND c.units @> ARRAY[%(own_unit)s::text])
           OR c.region = %(own_region)s::text
           OR (%(unassigned)s AND c.unassigned))
    ORDER BY c.position DESC
    LIMIT %(limit)s
) i ON true
ORDER BY i.position DESC;
