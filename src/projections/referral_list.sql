The list of special cases. A case's place in it is the position of its newest event.

-- page --
-- Always answers a row, so that the view's position comes with an empty page too. What has no column
-- of its own is read from the summary: special cases are some hundreds a year, not a million.
SELECT t.position, i.position, i.shown
FROM (SELECT min(position) AS position FROM views.tracking WHERE view = 'case_documents') t
LEFT JOIN LATERAL (
    SELECT c.position, c.summary AS shown
    FROM views.cases c
    WHERE c.category = 'referral'
      AND (%(before)s::bigint IS NULL OR c.position < %(before)s)
      AND (%(status)s::text IS NULL OR c.status = %(status)s)
      AND (%(kind)s::text IS NULL OR c.kind = %(kind)s)
      AND (%(number)s::text IS NULL OR c.number = %(number)s)
      AND (%(unit)s::text IS NULL OR c.units @> ARRAY[%(unit)s::text])
      AND (%(region)s::text IS NULL OR c.region = %(region)s)
      AND (%(handler)s::text IS NULL OR c.handler = %(handler)s)
      AND (%(customer)s::uuid IS NULL OR c.customer_id = %(customer)s)
      AND (%(is_open)s::boolean IS NULL OR c.is_open = %(is_open)s)
      AND (%(due_before_at)s::timestamptz IS NULL OR c.due_at < %(due_before_at)s)
      AND (%(authority)s::text IS NULL OR c.summary::jsonb ->> 'authority' = %(authority)s)
      AND (%(letter_number)s::text IS NULL
           OR c.summary::jsonb ->> 'letter_number' = %(letter_number)s)
      AND (%(pack)s::text IS NULL OR c.summary::jsonb #>> '{pack,name}' = %(pack)s)
      AND (%(complaint)s::text IS NULL OR c.summary::jsonb ->> 'complaint_id' = %(complaint)s)
      AND (%(everything)s
           OR (%(own_dealer)s::text IS NOT NULL AND c.dealer_id = %(own_dealer)s::text)
           OR (%(own_unit)s::text IS NOT NULL AND c.units @> ARRAY[%(own_unit)s::text])
           OR c.region = %(own_region)s::text
           OR (%(unassigned)s AND c.dealer_id IS NULL AND c.region IS NULL
               AND cardinality(coalesce(c.units, '{}')) = 0))
    ORDER BY c.position DESC
    LIMIT %(limit)s
) i ON true
ORDER BY i.position DESC;
