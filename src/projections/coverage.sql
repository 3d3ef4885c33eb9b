Coverage: whether somebody was told of whatever somebody had to be told of. Reads the raw log.

-- topics --
-- The stored names of what somebody has to be told of, of whatever kind of case.
SELECT topic FROM casebook.topics
WHERE topic ~ '\.(deadline_breached|escalated|escalation_climbed)$';

-- head --
SELECT coalesce(max(notification_id), 0) FROM casebook.events;

-- recorded_at --
SELECT recorded_at FROM casebook.events WHERE notification_id = %(position)s;

-- last --
-- Up to where the last check looked.
SELECT coalesce(max(up_to_position), 0) FROM views.coverage_checks;

-- check --
-- A notice names its cause, and comes after it in the log. Gaps found before are looked at again.
WITH owed AS MATERIALIZED (
    SELECT e.notification_id, e.originator_id, e.topic, e.event_id, e.recorded_at
    FROM casebook.events e
    WHERE e.notification_id > %(after)s AND e.notification_id <= %(up_to)s
      AND e.topic = ANY (%(topics)s)
    UNION
    SELECT e.notification_id, e.originator_id, e.topic, e.event_id, e.recorded_at
    FROM views.coverage_gaps g
    JOIN casebook.events e ON e.notification_id = g.position
    WHERE g.closed_at IS NULL
), said AS MATERIALIZED (
    SELECT DISTINCT (convert_from(e.state, 'UTF8')::jsonb ->> 'cause')::uuid AS cause, e.topic
    FROM casebook.events e
    WHERE e.notification_id > %(after)s AND e.notification_id <= %(up_to)s
      AND e.topic IN ('notification.planned', 'notification.withheld')
), judged AS MATERIALIZED (
    SELECT o.notification_id, o.originator_id, o.topic, o.event_id, o.recorded_at,
           EXISTS (SELECT FROM said s WHERE s.cause = o.event_id
                   AND s.topic = 'notification.planned') AS told,
           EXISTS (SELECT FROM said s WHERE s.cause = o.event_id
                   AND s.topic = 'notification.withheld') AS withheld,
           o.recorded_at > %(grace_from_at)s AS is_new
    FROM owed o
), opened AS (
    INSERT INTO views.coverage_gaps AS g
        (event_id, position, stream, topic, recorded_at, found_at)
    SELECT j.event_id, j.notification_id, j.originator_id, j.topic, j.recorded_at, %(now)s
    FROM judged j WHERE NOT j.told AND NOT j.withheld AND NOT j.is_new
    ON CONFLICT (event_id) DO UPDATE SET closed_at = NULL, found_at = excluded.found_at
        WHERE g.closed_at IS NOT NULL
), closed AS (
    UPDATE views.coverage_gaps g SET closed_at = %(now)s
    FROM judged j
    WHERE g.event_id = j.event_id AND g.closed_at IS NULL AND (j.told OR j.withheld)
)
SELECT count(*), count(*) FILTER (WHERE j.told),
       count(*) FILTER (WHERE j.withheld AND NOT j.told),
       count(*) FILTER (WHERE NOT j.told AND NOT j.withheld AND j.is_new),
       count(*) FILTER (WHERE NOT j.told AND NOT j.withheld AND NOT j.is_new)
FROM judged j;

-- record --
INSERT INTO views.coverage_checks (checked_at, from_position, up_to_position, owed, told, withheld,
                                   pending, gaps)
VALUES (%(now)s, %(after)s, %(up_to)s, %(owed)s, %(told)s, %(withheld)s, %(pending)s, %(gaps)s)
ON CONFLICT (checked_at) DO NOTHING;

-- let_go --
DELETE FROM views.coverage_checks WHERE checked_at < %(before)s;

-- gaps --
SELECT event_id, position, stream, topic, recorded_at FROM views.coverage_gaps
WHERE closed_at IS NULL ORDER BY position LIMIT %(limit)s;

-- standing --
-- Always answers a row: how many gaps are open, and when was looked last.
SELECT (SELECT count(*) FROM views.coverage_gaps WHERE closed_at IS NULL),
       (SELECT max(checked_at) FROM views.coverage_checks);
