The worklist.

-- page --
-- Always answers a row, so that the view's position comes with an empty page too. A case whose
-- procedure asks for no step is everybody's who sees it. Each item says why it stands after the one
-- before it: the first of priority, due hour, grade, due instant and age in which they differ. A
-- dealer is told when the first of those clocks is due that it sees.
SELECT t.position, i.rank, i.grade_rank, i.due_at::text, i.opened_at, i.stream,
       left(i.shown, -1) || ',"standing":{"priority":' || coalesce(to_json(i.priority)::text, 'null')
       || ',"rank":' || i.rank
       || ',"due_at":'
       || CASE WHEN isfinite(i.shown_due_at)
               THEN to_char(i.shown_due_at AT TIME ZONE 'UTC', '"\""YYYY-MM-DD"T"HH24:MI:SS.US"Z\""')
               ELSE 'null' END
       || ',"grade":' || coalesce(to_json(i.grade)::text, 'null')
       || ',"grade_rank":' || CASE WHEN i.grade IS NULL THEN 'null' ELSE i.grade_rank::text END
       || ',"opened_at":'
       || to_char(i.opened_at AT TIME ZONE 'UTC', '"\""YYYY-MM-DD"T"HH24:MI:SS.US"Z\""')
       || ',"after_previous_by":'
       || CASE WHEN i.rank <> i.was_rank THEN '"priority"'
               WHEN i.due_hour <> i.was_due_hour THEN '"due"'
               WHEN i.grade_rank <> i.was_grade_rank THEN '"grade"'
               WHEN i.due_at <> i.was_due_at THEN '"due"'
               WHEN i.was_rank IS NOT NULL THEN '"age"'
               ELSE 'null' END
       || '}}'
FROM (SELECT position FROM views.tracking WHERE view = 'case_documents') t
LEFT JOIN LATERAL (
    SELECT w.rank, w.due_hour, w.grade_rank, w.due_at, w.opened_at, w.stream, w.grade, w.was_rank,
           w.was_due_hour, w.was_grade_rank, w.was_due_at, c.priority,
           CASE WHEN %(outside)s THEN c.dealer_due_at ELSE w.due_at END AS shown_due_at,
           CASE WHEN %(outside)s
                THEN left(c.outline, -1)
                     || ',"next_step":' || coalesce(to_json(c.next_step)::text, 'null')
                     || ',"priority":' || coalesce(to_json(c.priority)::text, 'null') || '}'
                ELSE c.summary END AS shown
    FROM (
        SELECT o.rank, o.due_hour, o.grade_rank, o.due_at, o.opened_at, o.stream, o.grade,
               lag(o.rank, 1, %(after_rank)s::smallint) OVER before AS was_rank,
               lag(o.due_hour, 1, date_trunc('hour', %(after_due_at)s::timestamptz, 'UTC'))
                   OVER before AS was_due_hour,
               lag(o.grade_rank, 1, %(after_grade_rank)s::smallint) OVER before AS was_grade_rank,
               lag(o.due_at, 1, %(after_due_at)s::timestamptz) OVER before AS was_due_at
        FROM (
            SELECT a.rank, a.due_hour, a.grade_rank, a.due_at, a.opened_at, a.stream, a.grade
            FROM views.work a
            WHERE (a.next_roles = '{}' OR a.next_roles && %(roles)s::text[])
              AND (%(handler)s::text IS NULL OR a.handler = %(handler)s)
              AND (%(after_rank)s::integer IS NULL
                   OR (a.rank, a.due_hour, a.grade_rank, a.due_at, a.opened_at, a.stream)
                      > (%(after_rank)s::smallint,
                         date_trunc('hour', %(after_due_at)s::timestamptz, 'UTC'),
                         %(after_grade_rank)s::smallint, %(after_due_at)s::timestamptz,
                         %(after_opened_at)s::timestamptz, %(after_stream)s::uuid))
              AND (%(everything)s
                   OR a.dealer_id = %(own_dealer)s::text
                   OR (%(own_unit)s::text IS NOT NULL AND a.units @> ARRAY[%(own_unit)s::text])
                   OR a.region = %(own_region)s::text
                   OR (%(unassigned)s AND a.unassigned))
            ORDER BY a.rank, a.due_hour, a.grade_rank, a.due_at, a.opened_at, a.stream
            LIMIT %(limit)s
        ) o
        WINDOW before AS (
            ORDER BY o.rank, o.due_hour, o.grade_rank, o.due_at, o.opened_at, o.stream)
    ) w
    JOIN views.cases c ON c.stream = w.stream
) i ON true
ORDER BY i.rank, i.due_hour, i.grade_rank, i.due_at, i.opened_at, i.stream;
