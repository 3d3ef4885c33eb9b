The list of leases. A lease's place in it is the position of its newest event.

-- page --
-- Always answers a row, so that the view's position comes with an empty page too. Days are compared
-- as they are written (ISO 8601), which is their order.
SELECT t.position, i.position, i.shown
FROM (SELECT min(position) AS position FROM views.tracking WHERE view = 'case_documents') t
LEFT JOIN LATERAL (
    SELECT c.position, CASE WHEN %(outside)s THEN c.outline ELSE c.summary END AS shown
    FROM views.cases c
    WHERE c.category = 'lease'
      AND (%(before)s::bigint IS NULL OR c.position < %(before)s)
      AND (%(status)s::text IS NULL OR c.status = %(status)s)
      AND (%(product)s::text IS NULL OR c.kind = %(product)s)
      AND (%(number)s::text IS NULL OR c.number = %(number)s)
      AND (%(dealer)s::text IS NULL OR c.dealer_id = %(dealer)s)
      AND (%(region)s::text IS NULL OR c.region = %(region)s)
      AND (%(customer)s::uuid IS NULL OR c.customer_id = %(customer)s)
      AND (%(order)s::uuid IS NULL OR c.about_id = %(order)s)
      AND (%(is_open)s::boolean IS NULL OR c.is_open = %(is_open)s)
      AND (%(provider)s::text IS NULL OR c.summary::jsonb ->> 'provider' = %(provider)s)
      AND (%(bank)s::text IS NULL OR c.summary::jsonb ->> 'bank' = %(bank)s)
      AND (%(bucket)s::text IS NULL
           OR (NOT %(outside)s AND c.summary::jsonb ->> 'bucket' = %(bucket)s))
      AND (%(next_due_before_on)s::text IS NULL
           OR (NOT %(hides_account)s
               AND c.summary::jsonb ->> 'oldest_unpaid_due_on' < %(next_due_before_on)s))
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
