The list of draws. A draw's place in it is the position of its newest event.

-- page --
-- Always answers a row, so that the view's position comes with an empty page too.
SELECT t.position, i.position, i.shown
FROM (SELECT min(position) AS position FROM views.tracking WHERE view = 'case_documents') t
LEFT JOIN LATERAL (
    SELECT c.position, c.summary AS shown
    FROM views.cases c
    WHERE c.category = 'draw'
      AND (%(before)s::bigint IS NULL OR c.position < %(before)s)
      AND (%(status)s::text IS NULL OR c.status = %(status)s)
      AND (%(name)s::text IS NULL OR c.number = %(name)s)
      AND (%(is_open)s::boolean IS NULL OR c.is_open = %(is_open)s)
    ORDER BY c.position DESC
    LIMIT %(limit)s
) i ON true
ORDER BY i.position DESC;
