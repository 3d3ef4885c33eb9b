Where every view stands.

-- prepare --
-- Only one process makes a view's tables.
SELECT pg_advisory_xact_lock(hashtextextended(%(view)s, 7305161302));

-- find --
SELECT position, generation, revision, shape FROM views.tracking WHERE view = %(view)s;

-- begin --
INSERT INTO views.tracking (view, revision, shape) VALUES (%(view)s, %(revision)s, %(shape)s);

-- standing --
-- What one look costs an idle view.
SELECT t.position, t.stuck_at IS NOT NULL,
       (SELECT coalesce(max(e.notification_id), 0) FROM casebook.events e)
FROM views.tracking t WHERE t.view = %(view)s;

-- lead --
-- Whoever holds the row leads the view; everybody else passes by.
SELECT position, generation, revision, shape FROM views.tracking WHERE view = %(view)s
FOR UPDATE SKIP LOCKED;

-- hold --
-- A rebuild waits for the leader instead, to take the view's place.
SELECT position, generation FROM views.tracking WHERE view = %(view)s FOR UPDATE;

-- range --
-- The last position of the next batch: so many events, but no more than so many bytes of bodies.
SELECT coalesce(max(r.notification_id), %(after)s)
FROM (
    SELECT e.notification_id, sum(e.bytes) OVER (ORDER BY e.notification_id) AS bytes
    FROM (SELECT notification_id, octet_length(state) AS bytes FROM casebook.events
          WHERE notification_id > %(after)s ORDER BY notification_id LIMIT %(events)s) e
) r
WHERE r.bytes <= %(bytes)s OR r.notification_id = %(after)s + 1;

-- range_of_rows --
SELECT coalesce(max(e.notification_id), %(after)s)
FROM (SELECT notification_id FROM casebook.events
      WHERE notification_id > %(after)s ORDER BY notification_id LIMIT %(events)s) e;

-- events --
SELECT notification_id, originator_id, originator_version, topic, state, event_id, recorded_at,
       actor, role, reason, correlation_id, causation_id, subject_id
FROM casebook.events
WHERE notification_id > %(after)s AND notification_id <= %(up_to)s
ORDER BY notification_id;

-- events_of_topics --
SELECT notification_id, originator_id, originator_version, topic, state, event_id, recorded_at,
       actor, role, reason, correlation_id, causation_id, subject_id
FROM casebook.events
WHERE notification_id > %(after)s AND notification_id <= %(up_to)s AND topic = ANY (%(topics)s)
ORDER BY notification_id;

-- move --
UPDATE views.tracking
SET position = %(position)s, moved_at = now(), stuck_at = NULL, stuck_topic = NULL,
    stuck_error = NULL, stuck_since = NULL, attempts = 0
WHERE view = %(view)s;

-- stick --
-- Says where and why, unless somebody got further meanwhile.
UPDATE views.tracking
SET stuck_at = position + 1, stuck_error = %(error)s, attempts = attempts + 1,
    stuck_since = coalesce(stuck_since, now()),
    stuck_topic = (SELECT e.topic FROM casebook.events e WHERE e.notification_id = position + 1)
WHERE view = %(view)s AND position = %(position)s;

-- replace --
UPDATE views.tracking
SET position = %(position)s, generation = generation + 1, revision = %(revision)s,
    shape = %(shape)s, moved_at = now(), stuck_at = NULL, stuck_topic = NULL, stuck_error = NULL,
    stuck_since = NULL, attempts = 0
WHERE view = %(view)s;

-- streams_of_subject --
SELECT DISTINCT e.originator_id FROM casebook.events e
WHERE e.subject_id = %(subject)s AND e.notification_id <= %(position)s;

-- turn_over --
-- What is at hand of the view in any process is not used again.
UPDATE views.tracking SET generation = generation + 1 WHERE view = %(view)s;

-- remove --
DELETE FROM views.tracking WHERE view = %(view)s;

-- status --
SELECT t.view, t.position, h.head, t.moved_at, t.stuck_at, t.stuck_topic, t.stuck_error,
       t.stuck_since, t.attempts
FROM views.tracking t
CROSS JOIN (SELECT coalesce(max(e.notification_id), 0) AS head FROM casebook.events e) h
WHERE NOT t.view LIKE '%%\_\_%%'
ORDER BY t.view;
