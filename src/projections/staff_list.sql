The list of staff. A person's place in it is the position of the newest event of her record.

-- page --
-- Always answers a row, so that the view's position comes with an empty page too.
SELECT t.position, i.position, i.stream, i.version, i.summary
FROM (SELECT min(position) AS position FROM views.tracking WHERE view = 'case_documents') t
LEFT JOIN LATERAL (
    SELECT c.position, c.stream, c.version, c.summary
    FROM views.cases c
    WHERE c.category = 'staff'
      AND (%(before)s::bigint IS NULL OR c.position < %(before)s)
      AND (%(region)s::text IS NULL OR c.region = %(region)s)
      AND (%(unit)s::text IS NULL OR c.units @> ARRAY[%(unit)s::text])
      AND (%(role)s::text IS NULL OR c.summary::jsonb -> 'roles' ? %(role)s::text)
      AND (%(active)s::boolean IS NULL OR c.is_open = %(active)s)
    ORDER BY c.position DESC
    LIMIT %(limit)s
) i ON true
ORDER BY i.position DESC;
