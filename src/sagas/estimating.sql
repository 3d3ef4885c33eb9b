What ended cases say about how long they took; `saga_step_times` keeps it case by case.

-- estimates --
-- The closest cell first for whoever reads: kind and priority, kind alone, any case.
WITH samples AS (
    SELECT s.clock, s.step, s.kind, s.priority, s.seconds
    FROM views.saga_step_times i
    CROSS JOIN LATERAL (SELECT i.state::jsonb AS state) AS b
    CROSS JOIN LATERAL jsonb_to_recordset(b.state -> 'samples')
        AS s(clock text, step text, kind text, priority text, seconds bigint)
    WHERE b.state -> 'journey' -> 'ended' = 'true'::jsonb
      AND (b.state -> 'journey' ->> 'entered_at')::timestamptz
          BETWEEN %(from_at)s AND %(until_at)s
), cells AS (
    SELECT clock, step, kind, priority, count(*)::integer AS cases,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds)::bigint AS median_s,
           percentile_disc(0.8) WITHIN GROUP (ORDER BY seconds)::bigint AS p80_s,
           grouping(kind) AS any_kind, grouping(priority) AS any_priority
    FROM samples
    GROUP BY GROUPING SETS ((clock, step, kind, priority), (clock, step, kind), (clock, step))
)
SELECT clock, step, kind, priority, cases, median_s, p80_s
FROM cells
WHERE cases >= %(cases_min)s
  AND (any_kind = 1 OR kind IS NOT NULL)
  AND (any_priority = 1 OR (kind IS NOT NULL AND priority IS NOT NULL))
ORDER BY clock COLLATE "C", step COLLATE "C", coalesce(kind, '') COLLATE "C",
         coalesce(priority, '') COLLATE "C";

-- reached --
SELECT position FROM views.tracking WHERE view = 'saga_step_times';
