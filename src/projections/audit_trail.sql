The audit trail.

-- create --
CREATE TABLE audit_trail (
    position       bigint      PRIMARY KEY,
    stream         uuid        NOT NULL,
    version        integer     NOT NULL,
    topic          text        NOT NULL,
    event_id       uuid        NOT NULL,
    recorded_at    timestamptz NOT NULL,
    actor          text        NOT NULL,
    role           text        NOT NULL,
    reason         text,
    correlation_id uuid,
    causation_id   uuid,
    subject_id     uuid
);

-- index --
-- recorded_at never goes back, so its index only grows at the end and turns instants into positions
CREATE INDEX audit_trail_stream ON audit_trail (stream, position);
CREATE INDEX audit_trail_actor ON audit_trail (actor, position);
CREATE INDEX audit_trail_topic ON audit_trail (topic, position);
CREATE INDEX audit_trail_role ON audit_trail (role, position);
CREATE INDEX audit_trail_subject ON audit_trail (subject_id, position)
    WHERE subject_id IS NOT NULL;
CREATE INDEX audit_trail_recorded_at ON audit_trail (recorded_at, position);

-- apply --
INSERT INTO audit_trail (
    position, stream, version, topic, event_id, recorded_at, actor, role, reason, correlation_id,
    causation_id, subject_id)
SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.event_id, e.recorded_at,
       e.actor, e.role, e.reason, e.correlation_id, e.causation_id, e.subject_id
FROM casebook.events e
WHERE e.notification_id > %(after)s AND e.notification_id <= %(up_to)s;

-- page --
-- Always answers a row, so that the view's position comes with an empty page too.
WITH bounds AS MATERIALIZED (
    SELECT CASE WHEN %(from_at)s::timestamptz IS NULL THEN 0 ELSE coalesce(
               (SELECT f.position FROM views.audit_trail f
                WHERE f.recorded_at >= %(from_at)s::timestamptz
                ORDER BY f.recorded_at, f.position LIMIT 1), 9223372036854775807)
           END AS first,
           least(%(before)s::bigint,
                 (SELECT u.position FROM views.audit_trail u
                  WHERE u.recorded_at >= %(until_at)s::timestamptz
                  ORDER BY u.recorded_at, u.position LIMIT 1),
                 9223372036854775807) AS beyond
)
SELECT t.position, a.position, a.stream, a.version, a.topic, a.event_id, a.recorded_at, a.actor,
       a.role, a.reason, a.correlation_id, a.causation_id, a.subject_id
FROM (SELECT position FROM views.tracking WHERE view = 'audit_trail') t
LEFT JOIN LATERAL (
    SELECT r.position, r.stream, r.version, r.topic, r.event_id, r.recorded_at, r.actor, r.role,
           r.reason, r.correlation_id, r.causation_id, r.subject_id
    FROM views.audit_trail r
    WHERE r.position >= (SELECT first FROM bounds)
      AND r.position < (SELECT beyond FROM bounds)
      AND (%(actor)s::text IS NULL OR r.actor = %(actor)s)
      AND (%(role)s::text IS NULL OR r.role = %(role)s)
      AND (%(topic)s::text IS NULL OR r.topic = %(topic)s)
      AND (%(stream)s::uuid IS NULL OR r.stream = %(stream)s)
      AND (%(customer)s::uuid IS NULL OR r.subject_id = %(customer)s
           OR r.stream = ANY (ARRAY(SELECT c.stream FROM views.cases c
                                    WHERE c.customer_id = %(customer)s)))
    ORDER BY r.position DESC
    LIMIT %(limit)s
) a ON true
ORDER BY a.position DESC;
