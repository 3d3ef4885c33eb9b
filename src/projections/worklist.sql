The worklist.

-- page --
-- Always answers a row, so that the view's position comes with an empty page too. A case whose
-- procedure asks for no step is everybody's who sees it.
SELECT t.position, i.rank, i.due_at::text, i.opened_at, i.stream, i.shown
FROM (SELECT position FROM views.tracking WHERE view = 'case_documents') t
LEFT JOIN LATERAL (
    SELECT w.rank, w.due_at, w.opened_at, w.stream,
           CASE WHEN %(outside)s
                THEN left(c.outline, -1)
                     || ',"next_step":' || coalesce(to_json(c.next_step)::text, 'null')
                     || ',"priority":' || coalesce(to_json(c.priority)::text, 'null') || '}'
                ELSE c.summary END AS shown
    FROM (
        SELECT o.rank, o.due_at, o.opened_at, o.stream
        FROM views.work o
        WHERE (o.next_roles = '{}' OR o.next_roles && %(roles)s::text[])
          AND (%(handler)s::text IS NULL OR o.handler = %(handler)s)
          AND (%(after_rank)s::integer IS NULL
               OR (o.rank, o.due_at, o.opened_at, o.stream)
                  > (%(after_rank)s::integer, %(after_due_at)s::timestamptz,
                     %(after_opened_at)s::timestamptz, %(after_stream)s::uuid))
          AND (%(everything)s
               OR o.dealer_id = %(own_dealer)s::text
               OR (%(own_unit)s::text IS NOT NULL AND o.units @> ARRAY[%(own_unit)s::text])
               OR o.region = %(own_region)s::text
               OR (%(unassigned)s AND o.unassigned))
        ORDER BY o.rank, o.due_at, o.opened_at, o.stream
        LIMIT %(limit)s
    ) w
    JOIN views.cases c ON c.stream = w.stream
) i ON true
ORDER BY i.rank, i.due_at, i.opened_at, i.stream;
