The worklist.

-- page --
-- Always answers a row, so that the view's position comes with an empty page too. A case whose
-- procedure asks for no step is everybody's who sees it.
SELECT t.position, i.rank, i.opened_at, i.stream, i.shown
FROM (SELECT position FROM views.tracking WHERE view = 'case_documents') t
LEFT JOIN LATERAL (
    SELECT coalesce(c.priority_rank, 99) AS rank, c.opened_at, c.stream,
           CASE WHEN %(outside)s
                THEN left(c.outline, -1)
                     || ',"next_step":' || coalesce(to_json(c.next_step)::text, 'null')
                     || ',"priority":' || coalesce(to_json(c.priority)::text, 'null') || '}'
                ELSE c.summary END AS shown
    FROM views.cases c
    WHERE c.is_open AND c.category = 'complaint'
      AND (c.next_roles = '{}' OR c.next_roles && %(roles)s::text[])
      AND (%(handler)s::text IS NULL OR c.handler = %(handler)s)
      AND (%(after_rank)s::integer IS NULL
           OR (coalesce(c.priority_rank, 99), c.opened_at, c.stream)
              > (%(after_rank)s::integer, %(after_opened_at)s::timestamptz, %(after_stream)s::uuid))
      AND (%(everything)s
           OR c.customer_id = %(own_customer)s::uuid
           OR c.dealer_id = %(own_dealer)s::text
           OR %(own_unit)s::text = ANY (c.units)
           OR c.region = %(own_region)s::text
           OR (%(unassigned)s AND c.dealer_id IS NULL AND c.region IS NULL AND c.units = '{}'))
    ORDER BY coalesce(c.priority_rank, 99), c.opened_at, c.stream
    LIMIT %(limit)s
) i ON true
ORDER BY i.rank, i.opened_at, i.stream;
