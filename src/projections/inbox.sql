The inbox: every notice to every person. `position` is that of its planning and orders the inbox;
`changed` that of the newest event that changes what she sees of it, by which a stream goes on.

-- create --
CREATE TABLE inbox (
    id               uuid PRIMARY KEY,
    recipient        text        NOT NULL,
    code             text        NOT NULL,
    case_id          uuid        NOT NULL,
    case_category    text        NOT NULL,
    params           text        NOT NULL,
    urgency          text        NOT NULL,
    must_acknowledge boolean     NOT NULL,
    planned_at       timestamptz NOT NULL,
    position         bigint      NOT NULL,
    changed          bigint      NOT NULL,
    seen_at          timestamptz,
    acknowledged_at  timestamptz,
    settled_at       timestamptz,
    delivery         text        NOT NULL
);

-- index --
CREATE INDEX inbox_newest ON inbox (recipient, position);
CREATE INDEX inbox_changed ON inbox (changed);
CREATE INDEX inbox_unseen ON inbox (recipient, position)
    WHERE seen_at IS NULL AND acknowledged_at IS NULL AND settled_at IS NULL;
CREATE INDEX inbox_unacknowledged ON inbox (recipient, position)
    WHERE must_acknowledge AND acknowledged_at IS NULL AND settled_at IS NULL;

-- insert --
INSERT INTO inbox (id, recipient, code, case_id, case_category, params, urgency, must_acknowledge,
                   planned_at, position, changed, delivery)
SELECT u.id, u.recipient, u.code, u.case_id, u.case_category, u.params, u.urgency,
       u.must_acknowledge, u.planned_at, u.position, u.position, 'planned'
FROM unnest(%(id)b::uuid[], %(recipient)b::text[], %(code)b::text[], %(case_id)b::uuid[],
            %(case_category)b::text[], %(params)b::text[], %(urgency)b::text[],
            %(must_acknowledge)b::boolean[], %(planned_at)b::timestamptz[],
            %(position)b::bigint[])
    AS u(id, recipient, code, case_id, case_category, params, urgency, must_acknowledge,
         planned_at, position)
ON CONFLICT (id) DO NOTHING;

-- change --
-- A notice that was withheld from the start is in no inbox.
UPDATE inbox i
SET changed = greatest(i.changed, coalesce(u.changed, 0)),
    seen_at = coalesce(i.seen_at, u.seen_at),
    acknowledged_at = coalesce(i.acknowledged_at, u.acknowledged_at),
    settled_at = coalesce(i.settled_at, u.settled_at),
    delivery = coalesce(u.delivery, i.delivery)
FROM unnest(%(id)b::uuid[], %(changed)b::bigint[], %(seen_at)b::timestamptz[],
            %(acknowledged_at)b::timestamptz[], %(settled_at)b::timestamptz[],
            %(delivery)b::text[])
    AS u(id, changed, seen_at, acknowledged_at, settled_at, delivery)
WHERE i.id = u.id;

-- page --
-- Always answers a row, so that the view's position and the counts come with an empty page too.
SELECT t.position, n.unseen, n.unacknowledged, i.position, i.id, i.code, i.case_id,
       i.case_category, i.params, i.urgency, i.must_acknowledge, i.planned_at, i.seen_at,
       i.acknowledged_at, i.settled_at, i.delivery, i.changed
FROM (SELECT min(position) AS position FROM views.tracking WHERE view = 'inbox') t
CROSS JOIN LATERAL (
    SELECT (SELECT count(*) FROM views.inbox c
            WHERE c.recipient = %(recipient)s AND c.seen_at IS NULL
              AND c.acknowledged_at IS NULL AND c.settled_at IS NULL) AS unseen,
           (SELECT count(*) FROM views.inbox c
            WHERE c.recipient = %(recipient)s AND c.must_acknowledge
              AND c.acknowledged_at IS NULL AND c.settled_at IS NULL) AS unacknowledged
) n
LEFT JOIN LATERAL (
    SELECT r.position, r.id, r.code, r.case_id, r.case_category, r.params, r.urgency,
           r.must_acknowledge, r.planned_at, r.seen_at, r.acknowledged_at, r.settled_at,
           r.delivery, r.changed
    FROM views.inbox r
    WHERE r.recipient = %(recipient)s
      AND (%(before)s::bigint IS NULL OR r.position < %(before)s)
      AND (%(state)s <> 'unseen'
           OR (r.seen_at IS NULL AND r.acknowledged_at IS NULL AND r.settled_at IS NULL))
      AND (%(state)s <> 'unacknowledged'
           OR (r.must_acknowledge AND r.acknowledged_at IS NULL AND r.settled_at IS NULL))
    ORDER BY r.position DESC
    LIMIT %(limit)s
) i ON true
ORDER BY i.position DESC;

-- changes --
-- What one person has to be told after a position, oldest change first.
SELECT t.position, i.position, i.id, i.code, i.case_id, i.case_category, i.params, i.urgency,
       i.must_acknowledge, i.planned_at, i.seen_at, i.acknowledged_at, i.settled_at, i.delivery,
       i.changed
FROM (SELECT min(position) AS position FROM views.tracking WHERE view = 'inbox') t
LEFT JOIN LATERAL (
    SELECT r.position, r.id, r.code, r.case_id, r.case_category, r.params, r.urgency,
           r.must_acknowledge, r.planned_at, r.seen_at, r.acknowledged_at, r.settled_at,
           r.delivery, r.changed
    FROM views.inbox r
    WHERE r.changed > %(after)s AND r.recipient = %(recipient)s
    ORDER BY r.changed
    LIMIT %(limit)s
) i ON true
ORDER BY i.changed;

-- moved --
-- Whose inboxes changed after a position, of those that somebody watches.
SELECT t.position, i.recipient
FROM (SELECT min(position) AS position FROM views.tracking WHERE view = 'inbox') t
LEFT JOIN LATERAL (
    SELECT DISTINCT r.recipient
    FROM views.inbox r
    WHERE r.changed > %(after)s AND r.recipient = ANY (%(recipients)s::text[])
) i ON true;
