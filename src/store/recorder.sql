-- What the recorder asks.

-- append --
-- Record a group of members, each all or nothing; the function stands in migration 0001.
SELECT member, outcome, detail, first_position, last_position, at, answer_stream, answer_version,
       answer_position, answer_created, answer_body
FROM casebook.append(
    %b::integer[], %b::uuid[], %b::integer[], %b::text[], %b::bytea[], %b::uuid[], %b::text[],
    %b::text[], %b::text[], %b::uuid[], %b::uuid[], %b::uuid[],
    %b::integer[], %b::uuid[], %b::integer[], %b::integer[], %b::bigint[],
    %b::integer[], %b::text[], %b::bytea[], %b::uuid[], %b::boolean[],
    %b::integer[], %b::uuid[], %b::bytea[],
    %b::integer[], %b::bytea[], %b::bytea[], %b::uuid[], %b::integer[], %b::boolean[],
    %b::text[])

-- oldest_first --
-- A stream's stored events.
SELECT originator_id, originator_version, topic, state, event_id, actor, role, reason,
       correlation_id, causation_id, subject_id
FROM casebook.events
WHERE originator_id = %s AND originator_version > %s AND originator_version <= %s
ORDER BY originator_version
LIMIT %s

-- newest_first --
-- The same the other way round.
SELECT originator_id, originator_version, topic, state, event_id, actor, role, reason,
       correlation_id, causation_id, subject_id
FROM casebook.events
WHERE originator_id = %s AND originator_version > %s AND originator_version <= %s
ORDER BY originator_version DESC
LIMIT %s

-- notifications --
-- The log by positions, as the library's subscriptions read it.
SELECT originator_id, originator_version, topic, state, notification_id
FROM casebook.events
WHERE notification_id BETWEEN %(first)s AND %(last)s
  AND (%(topics)s::text[] = '{}' OR topic = ANY (%(topics)s))
ORDER BY notification_id
LIMIT %(limit)s
