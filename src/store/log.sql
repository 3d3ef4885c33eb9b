-- What reading the log asks. `columns` is what `Log.recorded` turns into `Recorded`.

-- history --
-- One case, oldest first, after a version and up to a version or an instant.
SELECT notification_id, originator_id, originator_version, topic, state, event_id, recorded_at,
       actor, role, reason, correlation_id, causation_id, subject_id
FROM casebook.events
WHERE originator_id = %(stream)s AND originator_version > %(after)s
  AND originator_version <= coalesce(%(version)s::integer, 2147483647)
  AND recorded_at <= coalesce(%(at)s::timestamptz, 'infinity')
ORDER BY originator_version
LIMIT %(limit)s

-- read --
-- The log after a position, of all topics or of some.
SELECT notification_id, originator_id, originator_version, topic, state, event_id, recorded_at,
       actor, role, reason, correlation_id, causation_id, subject_id
FROM casebook.events
WHERE notification_id > %(after)s
  AND (%(topics)s::text[] = '{}' OR topic = ANY (%(topics)s))
ORDER BY notification_id
LIMIT %(limit)s

-- newer --
-- What is newer than a version, of several streams at once, each in its order, up to so many events
-- of each (null: all). The inner order also keeps the planner from joining with the whole log where
-- it believes that few streams are long.
SELECT w.n, e.originator_version, e.topic, e.state, uuid_send(e.subject_id), e.notification_id
FROM unnest(%b::uuid[], %b::integer[]) WITH ORDINALITY AS w(stream, after, n)
CROSS JOIN LATERAL (
    SELECT s.originator_version, s.topic, s.state, s.subject_id, s.notification_id
    FROM casebook.events s
    WHERE s.originator_id = w.stream AND s.originator_version > w.after
    ORDER BY s.originator_version LIMIT %b::bigint
) e

-- head --
-- The newest position.
SELECT coalesce(max(notification_id), 0) FROM casebook.events

-- topics --
-- Every stored name that occurs.
SELECT topic FROM casebook.topics

-- keys --
-- The wrapped keys of these persons.
SELECT subject_id, wrapped FROM casebook.subject_keys WHERE subject_id = ANY (%s)

-- first_key --
-- The key that tells the master key: the mark, which sorts first, or any other one.
SELECT subject_id, wrapped FROM casebook.subject_keys ORDER BY subject_id LIMIT 1

-- mark --
-- Remember the master key of this database.
INSERT INTO casebook.subject_keys (subject_id, wrapped) VALUES (%s, %s) ON CONFLICT DO NOTHING

-- answer --
-- What a request was answered before.
SELECT originator_id, version, position, created, body_mac
FROM casebook.idempotency WHERE scope_hash = %s

-- rules_position --
-- The position of the newest publication.
SELECT coalesce(max(notification_id), 0) FROM casebook.events WHERE topic = 'rulebook.published'

-- publications --
-- Every publication, oldest first.
SELECT state FROM casebook.events WHERE topic = 'rulebook.published' ORDER BY notification_id
