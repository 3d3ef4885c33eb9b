The list of loyalty ledgers. A ledger's place in it is the position of its newest event.

-- page --
-- Always answers a row, so that the view's position comes with an empty page too.
SELECT t.position, i.position, i.shown
FROM (SELECT min(position) AS position FROM views.tracking WHERE view = 'case_documents') t
LEFT JOIN LATERAL (
    SELECT c.position, CASE WHEN %(outside)s THEN c.outline ELSE c.summary END AS shown
    FROM views.cases c
    WHERE c.category = 'loyalty'
      AND (%(before)s::bigint IS NULL OR c.position < %(before)s)
      AND (%(programme)s::text IS NULL OR c.kind = %(programme)s)
      AND (%(customer)s::uuid IS NULL OR c.customer_id = %(customer)s)
      AND (%(household)s::text IS NULL OR c.summary::jsonb ->> 'household_id' = %(household)s)
      AND (%(grade)s::text IS NULL OR c.summary::jsonb ->> 'grade' = %(grade)s)
      AND (%(everything)s
           OR c.customer_id = %(own_customer)s::uuid
           OR %(unassigned)s)
    ORDER BY c.position DESC
    LIMIT %(limit)s
) i ON true
ORDER BY i.position DESC;
