Reports: what the deadlines and escalations of many cases say.

-- deadlines --
-- Always answers a row, so that the view's position comes with an empty page too.
SELECT t.position, i.stream, i.n, i.category, i.number, i.clock, i.rule, i.binds, i.urgency,
       i.state, i.started_at, i.due_at, i.order_at, i.stopped_at, i.met, i.warned_at,
       i.foreseen_at, i.expected_at, i.breached_at, i.kind, i.priority, i.dealer_id, i.region,
       i.unit, i.handler, i.ladder
FROM (SELECT min(position) AS position FROM views.tracking WHERE view = 'deadlines') t
LEFT JOIN LATERAL (
    SELECT d.stream, d.n, d.category, d.number, d.clock, d.rule, d.binds, d.urgency, d.state,
           d.started_at, d.due_at, d.order_at, d.stopped_at, d.met, d.warned_at, d.foreseen_at,
           d.expected_at, d.breached_at, d.kind, d.priority, d.dealer_id, d.region, d.unit,
           d.handler, d.ladder
    FROM views.deadlines d
    WHERE (%(from_at)s::timestamptz IS NULL OR d.order_at >= %(from_at)s)
      AND (%(until_at)s::timestamptz IS NULL OR d.order_at < %(until_at)s)
      AND (%(after_at)s::timestamptz IS NULL
           OR (d.order_at, d.stream, d.n)
              > (%(after_at)s::timestamptz, %(after_stream)s::uuid, %(after_n)s::bigint))
      AND (%(state)s::text IS NULL OR d.state = %(state)s)
      AND (%(standing)s::boolean IS NOT TRUE OR d.state IN ('running', 'paused'))
      AND (%(breached)s::boolean IS NULL OR (d.breached_at IS NOT NULL) = %(breached)s)
      AND (%(clock)s::text IS NULL OR d.clock = %(clock)s)
      AND (%(dealer)s::text IS NULL OR d.dealer_id = %(dealer)s)
      AND (%(region)s::text IS NULL OR d.region = %(region)s)
      AND (%(unit)s::text IS NULL OR d.units @> ARRAY[%(unit)s::text])
      AND (%(everything)s
           OR d.dealer_id = %(own_dealer)s::text
           OR (%(own_unit)s::text IS NOT NULL AND d.units @> ARRAY[%(own_unit)s::text])
           OR d.region = %(own_region)s::text
           OR (%(unassigned)s AND d.unassigned))
    ORDER BY d.order_at, d.stream, d.n
    LIMIT %(limit)s
) i ON true
ORDER BY i.order_at, i.stream, i.n;

-- escalations --
-- Newest first. Who is told of a case that she does not see otherwise, sees what she is told of.
SELECT t.position, i.stream, i.n, i.category, i.number, i.cause, i.clock_n, i.clock, i.rung,
       i.role, i.to_unit, i.to_region, i.state, i.raised_at, i.climbs_at, i.acknowledged_at,
       i.acknowledged_by, i.done_by_at, i.ended_at, i.end_why, i.kind, i.priority, i.dealer_id,
       i.region, i.unit, i.handler
FROM (SELECT min(position) AS position FROM views.tracking WHERE view = 'deadlines') t
LEFT JOIN LATERAL (
    SELECT e.stream, e.n, e.category, e.number, e.cause, e.clock_n, e.clock, e.rung, e.role,
           e.to_unit, e.to_region, e.state, e.raised_at, e.climbs_at, e.acknowledged_at,
           e.acknowledged_by, e.done_by_at, e.ended_at, e.end_why, e.kind, e.priority,
           e.dealer_id, e.region, e.unit, e.handler
    FROM views.escalations e
    WHERE (%(from_at)s::timestamptz IS NULL OR e.raised_at >= %(from_at)s)
      AND (%(until_at)s::timestamptz IS NULL OR e.raised_at < %(until_at)s)
      AND (%(after_at)s::timestamptz IS NULL
           OR (e.raised_at, e.stream, e.n)
              < (%(after_at)s::timestamptz, %(after_stream)s::uuid, %(after_n)s::bigint))
      AND (%(state)s::text IS NULL OR e.state = %(state)s)
      AND (%(clock)s::text IS NULL OR e.clock = %(clock)s)
      AND (%(dealer)s::text IS NULL OR e.dealer_id = %(dealer)s)
      AND (%(region)s::text IS NULL OR e.region = %(region)s)
      AND (%(unit)s::text IS NULL OR e.units @> ARRAY[%(unit)s::text])
      AND (%(everything)s
           OR e.dealer_id = %(own_dealer)s::text
           OR (%(own_unit)s::text IS NOT NULL
               AND (e.units @> ARRAY[%(own_unit)s::text] OR e.to_unit = %(own_unit)s))
           OR e.region = %(own_region)s::text OR e.to_region = %(own_region)s::text
           OR (%(unassigned)s AND e.unassigned))
    ORDER BY e.raised_at DESC, e.stream DESC, e.n DESC
    LIMIT %(limit)s
) i ON true
ORDER BY i.raised_at DESC, i.stream DESC, i.n DESC;

-- dealers --
-- The company's clocks of each dealer's cases that were or are due in a time. One that still runs
-- though it was missed counts against the dealer, one that stands still for nobody.
SELECT t.position, i.dealer_id, i.standing, i.breached, i.kept, i.missed,
       CASE WHEN i.kept + i.missed > 0
            THEN round(i.kept::numeric / (i.kept + i.missed), 4)::double precision
       END AS share_in_time,
       i.first_response_s, i.resolution_s
FROM (SELECT min(position) AS position FROM views.tracking WHERE view = 'deadlines') t
LEFT JOIN LATERAL (
    SELECT d.dealer_id,
           count(*) FILTER (WHERE d.state IN ('running', 'paused')) AS standing,
           count(*) FILTER (WHERE d.breached_at IS NOT NULL) AS breached,
           count(*) FILTER (WHERE d.met) AS kept,
           count(*) FILTER (WHERE NOT d.met
                            OR (d.state IN ('running', 'paused')
                                AND d.breached_at IS NOT NULL)) AS missed,
           round(percentile_cont(0.5) WITHIN GROUP (
               ORDER BY extract(epoch FROM d.stopped_at - d.started_at))
               FILTER (WHERE d.clock = 'first_response' AND d.met IS NOT NULL))::bigint
               AS first_response_s,
           round(percentile_cont(0.5) WITHIN GROUP (
               ORDER BY extract(epoch FROM d.stopped_at - d.started_at))
               FILTER (WHERE d.clock = 'resolution' AND d.met IS NOT NULL))::bigint
               AS resolution_s
    FROM views.deadlines d
    WHERE d.dealer_id IS NOT NULL
      AND d.binds = 'company'
      AND d.order_at >= %(from_at)s AND d.order_at < %(until_at)s
      AND (%(after)s::text IS NULL OR d.dealer_id > %(after)s)
      AND (%(clock)s::text IS NULL OR d.clock = %(clock)s)
      AND (%(dealer)s::text IS NULL OR d.dealer_id = %(dealer)s)
      AND (%(region)s::text IS NULL OR d.region = %(region)s)
      AND (%(unit)s::text IS NULL OR d.units @> ARRAY[%(unit)s::text])
      AND (%(everything)s
           OR d.dealer_id = %(own_dealer)s::text
           OR (%(own_unit)s::text IS NOT NULL AND d.units @> ARRAY[%(own_unit)s::text])
           OR d.region = %(own_region)s::text)
    GROUP BY d.dealer_id
    ORDER BY d.dealer_id
    LIMIT %(limit)s
) i ON true
ORDER BY i.dealer_id;

-- coverage --
-- What the newest check of coverage found, and the gaps within sight that are open.
SELECT t.position, c.checked_at, c.from_position, c.up_to_position, c.owed, c.told, c.withheld,
       c.pending, c.gaps, i.event_id, i.position, i.stream, i.topic, i.recorded_at, i.found_at,
       i.number, i.priority, i.dealer_id, i.region, i.unit
FROM (SELECT min(position) AS position FROM views.tracking WHERE view = 'deadlines') t
LEFT JOIN LATERAL (
    SELECT k.checked_at, k.from_position, k.up_to_position, k.owed, k.told, k.withheld, k.pending,
           k.gaps
    FROM views.coverage_checks k ORDER BY k.checked_at DESC LIMIT 1
) c ON true
LEFT JOIN LATERAL (
    SELECT g.event_id, g.position, g.stream, g.topic, g.recorded_at, g.found_at, f.number,
           f.priority, f.region, f.unit,
           CASE WHEN f.by_dealer AND NOT f.is_assigned THEN f.dealer_raised
                ELSE f.dealer_given END AS dealer_id
    FROM views.coverage_gaps g
    LEFT JOIN LATERAL (
        SELECT r.number, r.priority, coalesce(r.region_given, r.region_raised) AS region, r.unit,
               string_to_array(nullif(r.asked, ''), E'\x1f') AS asked, r.by_dealer, r.is_assigned,
               r.dealer_raised, r.dealer_given
        FROM views.deadline_cases r WHERE r.stream = g.stream
    ) f ON true
    WHERE g.closed_at IS NULL
      AND (%(after)s::bigint IS NULL OR g.position > %(after)s)
      AND (%(everything)s
           OR f.unit = %(own_unit)s::text OR f.asked @> ARRAY[%(own_unit)s::text]
           OR f.region = %(own_region)s::text)
    ORDER BY g.position
    LIMIT %(limit)s
) i ON true
ORDER BY i.position;
