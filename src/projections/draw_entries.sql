The entries of draws, in the order of their positions, and who was drawn.

Entries are events of the orders; nothing of them is decoded here but what the log shows as plain
JSON. Statements name their tables without a schema: the live view and a rebuilt one run the same.

-- create --
CREATE TABLE draws (
    draw_id         uuid        PRIMARY KEY,
    announced       text        NOT NULL,  -- the body of the announcement
    models          text[]      NOT NULL,
    closes_at       timestamptz NOT NULL,
    seed_sha256     text,
    opened_position bigint,
    closed_position bigint,
    closed          text,
    sealed          text,
    revealed        text,
    result          text                   -- what became of it, JSON, once it is ranked
);

-- counts: false for what was withdrawn in time, entered again later, or is of no model of the draw
CREATE TABLE draw_entries (
    draw_id  uuid    NOT NULL,
    position bigint  NOT NULL,
    order_id uuid    NOT NULL,
    model    text    NOT NULL,
    person   text    NOT NULL,
    counts   boolean NOT NULL,
    leaf     text    NOT NULL,
    PRIMARY KEY (draw_id, position)
);
CREATE INDEX draw_entries_person ON draw_entries (draw_id, person, position);
CREATE INDEX draw_entries_order ON draw_entries (order_id, draw_id);

CREATE TABLE draw_exclusions (
    draw_id  uuid NOT NULL,
    order_id uuid NOT NULL,
    reason   text NOT NULL,
    number   bigint,  -- of the entry, once the draw is ranked; null: there is none
    PRIMARY KEY (draw_id, order_id)
);

-- the entries that count of a draw that is closed, in pieces of some thousand: their lines of the proof
-- file as they are sent, their positions, and their models by their places among the draw's.
-- number: the first one's, from 1
CREATE TABLE draw_pieces (
    draw_id   uuid   NOT NULL,
    number    bigint NOT NULL,
    kinds     text   NOT NULL,
    positions text   NOT NULL,
    lines     text   NOT NULL,
    PRIMARY KEY (draw_id, number)
);
ALTER TABLE draw_pieces ALTER COLUMN kinds SET STORAGE EXTERNAL;
ALTER TABLE draw_pieces ALTER COLUMN positions SET STORAGE EXTERNAL;
ALTER TABLE draw_pieces ALTER COLUMN lines SET STORAGE EXTERNAL;

-- the ranking in pieces of some thousand places: their lines of the proof file as they are sent, and
-- the positions of their entries. turn: the first one's line in the whole ranking, from 1
CREATE TABLE draw_places (
    draw_id   uuid     NOT NULL,
    turn      bigint   NOT NULL,
    places    bigint   NOT NULL,
    model     text     NOT NULL,
    outcome   text     NOT NULL,
    rank      bigint   NOT NULL,  -- of the first one
    positions bigint[] NOT NULL,
    lines     text     NOT NULL,
    PRIMARY KEY (draw_id, turn)
);
ALTER TABLE draw_places ALTER COLUMN lines SET STORAGE EXTERNAL;
ALTER TABLE draw_places ALTER COLUMN positions SET STORAGE EXTERNAL;

-- touched --
-- Which of its topics a batch has at all; most have none.
SELECT DISTINCT e.topic FROM casebook.events e
WHERE e.notification_id > %(after)s AND e.notification_id <= %(up_to)s
  AND e.topic = ANY (%(topics)s);

-- announce --
INSERT INTO draws (draw_id, announced, models, closes_at)
SELECT e.originator_id, convert_from(e.state, 'UTF8'),
       ARRAY(SELECT q.quota ->> 'model'
             FROM jsonb_array_elements(convert_from(e.state, 'UTF8')::jsonb -> 'quotas')
                 WITH ORDINALITY AS q(quota, ord) ORDER BY q.ord),
       (convert_from(e.state, 'UTF8')::jsonb ->> 'closes_at')::timestamptz
FROM casebook.events e
WHERE e.notification_id > %(after)s AND e.notification_id <= %(up_to)s
  AND e.topic = 'draw.announced'
ON CONFLICT (draw_id) DO NOTHING;

-- facts_recorded --
UPDATE draws d
SET seed_sha256 = coalesce(f.seed_sha256, d.seed_sha256),
    opened_position = coalesce(f.opened_position, d.opened_position),
    closed_position = coalesce(f.closed_position, d.closed_position),
    closed = coalesce(f.closed, d.closed),
    sealed = coalesce(f.sealed, d.sealed),
    revealed = coalesce(f.revealed, d.revealed)
FROM (
    SELECT e.originator_id AS draw_id,
           max(convert_from(e.state, 'UTF8')::jsonb ->> 'seed_sha256')
               FILTER (WHERE e.topic = 'draw.committed') AS seed_sha256,
           max(e.notification_id) FILTER (WHERE e.topic = 'draw.opened') AS opened_position,
           max(e.notification_id) FILTER (WHERE e.topic = 'draw.closed') AS closed_position,
           max(convert_from(e.state, 'UTF8')) FILTER (WHERE e.topic = 'draw.closed') AS closed,
           max(convert_from(e.state, 'UTF8'))
               FILTER (WHERE e.topic = 'draw.entries_sealed') AS sealed,
           max(convert_from(e.state, 'UTF8')) FILTER (WHERE e.topic = 'draw.revealed') AS revealed
    FROM casebook.events e
    WHERE e.notification_id > %(after)s AND e.notification_id <= %(up_to)s
      AND e.topic IN ('draw.committed', 'draw.opened', 'draw.closed', 'draw.entries_sealed',
                      'draw.revealed')
    GROUP BY e.originator_id
) f
WHERE d.draw_id = f.draw_id;

-- enter --
-- The leaf is the line of the proof file, as domain.draw.ranking.leaf_of writes it: the order's
-- number is the one it had when it entered.
INSERT INTO draw_entries (draw_id, position, order_id, model, person, counts, leaf)
SELECT n.draw_id, n.position, n.order_id, n.model, n.person, n.model = ANY (d.models),
       json_build_array(n.position, n.order_id, p.number, n.model, n.person)::text
FROM (
    SELECT (b.body ->> 'draw_id')::uuid AS draw_id, e.notification_id AS position,
           e.originator_id AS order_id, e.originator_version AS version,
           b.body ->> 'model_group' AS model,
           left(encode(sha256(convert_to(concat_ws(E'\n', 'parvandeh draw person v1',
               b.body ->> 'draw_id', b.body ->> 'person'), 'UTF8')), 'hex'), 32) AS person
    FROM casebook.events e
    CROSS JOIN LATERAL (SELECT convert_from(e.state, 'UTF8')::jsonb AS body OFFSET 0) b
    WHERE e.notification_id > %(after)s AND e.notification_id <= %(up_to)s
      AND e.topic = 'order.entered_in_draw'
) n
JOIN draws d ON d.draw_id = n.draw_id
LEFT JOIN LATERAL (
    SELECT convert_from(o.state, 'UTF8')::jsonb ->> 'number' AS number
    FROM casebook.events o
    WHERE o.originator_id = n.order_id AND o.originator_version < n.version
      AND o.topic IN ('order.placed', 'order.contracted', 'order.corrected')
      AND convert_from(o.state, 'UTF8')::jsonb ->> 'number' IS NOT NULL
    ORDER BY o.originator_version DESC LIMIT 1
) p ON true
ON CONFLICT (draw_id, position) DO NOTHING;

-- enter_again --
-- Somebody who withdrew and entered again has the newer entry; one after the closing changes nothing.
UPDATE draw_entries o
SET counts = false
FROM draw_entries n JOIN draws d ON d.draw_id = n.draw_id
WHERE n.position > %(after)s AND n.position <= %(up_to)s AND n.counts
  AND n.draw_id = ANY (%(draws)s::uuid[])
  AND (d.closed_position IS NULL OR n.position < d.closed_position)
  AND o.draw_id = n.draw_id AND o.person = n.person AND o.position < n.position AND o.counts;

-- entered --
-- The draws that somebody entered in a batch.
SELECT DISTINCT (convert_from(e.state, 'UTF8')::jsonb ->> 'draw_id')::uuid
FROM casebook.events e
WHERE e.notification_id > %(after)s AND e.notification_id <= %(up_to)s
  AND e.topic = 'order.entered_in_draw';

-- withdraw --
-- Whoever leaves after the announced hour, or the closing, stays in the list: it is fixed by then.
UPDATE draw_entries o
SET counts = false
FROM (
    SELECT e.originator_id AS order_id, e.notification_id AS position, e.recorded_at,
           (convert_from(e.state, 'UTF8')::jsonb ->> 'draw_id')::uuid AS draw_id
    FROM casebook.events e
    WHERE e.notification_id > %(after)s AND e.notification_id <= %(up_to)s
      AND e.topic = 'order.draw_entry_withdrawn'
) w JOIN draws d ON d.draw_id = w.draw_id
WHERE o.order_id = w.order_id AND o.draw_id = w.draw_id AND o.position < w.position
  AND w.recorded_at < d.closes_at
  AND (d.closed_position IS NULL OR w.position < d.closed_position);

-- exclude --
-- The newest word about each order counts.
INSERT INTO draw_exclusions (draw_id, order_id, reason)
SELECT x.draw_id, x.order_id, x.reason
FROM (
    SELECT DISTINCT ON (e.originator_id, b.body ->> 'order_id')
           e.originator_id AS draw_id, (b.body ->> 'order_id')::uuid AS order_id,
           b.body ->> 'reason' AS reason, e.topic
    FROM casebook.events e
    CROSS JOIN LATERAL (SELECT convert_from(e.state, 'UTF8')::jsonb AS body OFFSET 0) b
    WHERE e.notification_id > %(after)s AND e.notification_id <= %(up_to)s
      AND e.topic IN ('draw.entry_excluded', 'draw.entry_restored')
    ORDER BY e.originator_id, b.body ->> 'order_id', e.notification_id DESC
) x
WHERE x.topic = 'draw.entry_excluded'
ON CONFLICT (draw_id, order_id) DO UPDATE SET reason = excluded.reason;

-- restore --
DELETE FROM draw_exclusions r
USING (
    SELECT DISTINCT ON (e.originator_id, b.body ->> 'order_id')
           e.originator_id AS draw_id, (b.body ->> 'order_id')::uuid AS order_id, e.topic
    FROM casebook.events e
    CROSS JOIN LATERAL (SELECT convert_from(e.state, 'UTF8')::jsonb AS body OFFSET 0) b
    WHERE e.notification_id > %(after)s AND e.notification_id <= %(up_to)s
      AND e.topic IN ('draw.entry_excluded', 'draw.entry_restored')
    ORDER BY e.originator_id, b.body ->> 'order_id', e.notification_id DESC
) x
WHERE x.topic = 'draw.entry_restored' AND r.draw_id = x.draw_id AND r.order_id = x.order_id;

-- fix --
-- Which entries count is settled from the closing on.
INSERT INTO draw_pieces (draw_id, number, kinds, positions, lines)
SELECT n.draw_id, min(n.number), string_agg(n.kind::text, ',' ORDER BY n.number),
       string_agg(n.position::text, ',' ORDER BY n.number),
       string_agg(n.leaf, E'\n' ORDER BY n.number) || E'\n'
FROM (
    SELECT d.draw_id, e.position, e.leaf, array_position(d.models, e.model) - 1 AS kind,
           row_number() OVER (PARTITION BY d.draw_id ORDER BY e.position) AS number
    FROM draws d
    JOIN casebook.events c ON c.originator_id = d.draw_id AND c.topic = 'draw.closed'
    JOIN draw_entries e ON e.draw_id = d.draw_id
    WHERE c.notification_id > %(after)s AND c.notification_id <= %(up_to)s
      AND e.counts AND e.position < d.closed_position
) n
GROUP BY n.draw_id, (n.number - 1) / %(lines)s
ON CONFLICT (draw_id, number) DO NOTHING;

-- to_rank --
SELECT d.draw_id FROM draws d JOIN casebook.events e ON e.originator_id = d.draw_id
WHERE e.notification_id > %(after)s AND e.notification_id <= %(up_to)s
  AND e.topic = 'draw.revealed' AND d.sealed IS NOT NULL AND d.result IS NULL
ORDER BY d.draw_id;

-- excluded --
-- Of the entries that count, those that are left out.
SELECT x.order_id, e.position
FROM draw_exclusions x
JOIN draw_entries e ON e.draw_id = x.draw_id AND e.order_id = x.order_id
WHERE x.draw_id = %(draw)s AND e.counts AND e.position < %(closed)s
ORDER BY e.position;

-- number_exclusions --
UPDATE draw_exclusions x SET number = u.number
FROM unnest(%(order_id)s::uuid[], %(number)s::bigint[]) AS u(order_id, number)
WHERE x.draw_id = %(draw)s AND x.order_id = u.order_id;

-- place --
INSERT INTO draw_places (draw_id, turn, places, model, outcome, rank, positions, lines)
VALUES (%(draw)s, %(turn)s, %(places)s, %(model)s, %(outcome)s, %(rank)s, %(positions)s::bigint[], %(lines)s);

-- finish --
UPDATE draws SET result = %(result)s WHERE draw_id = %(draw)s;

-- facts --
SELECT d.announced, d.seed_sha256, d.opened_position, d.closed_position, d.closed, d.sealed,
       d.revealed, d.result
FROM draws d WHERE d.draw_id = %(draw)s;

-- published --
-- Always answers a row, so that the view's position comes with "no such draw" too.
SELECT t.position, d.announced, d.seed_sha256, d.opened_position, d.closed_position, d.closed,
       d.sealed, d.revealed, d.result
FROM views.tracking t LEFT JOIN draws d ON d.draw_id = %(draw)s
WHERE t.view = 'draw_entries';

-- piece --
SELECT p.number, p.kinds, p.positions, convert_to(p.lines, 'UTF8')
FROM draw_pieces p
WHERE p.draw_id = %(draw)s AND p.number > %(beyond)s
ORDER BY p.number LIMIT 1;

-- page_of_entries --
SELECT p.number, convert_to(p.lines, 'UTF8')
FROM draw_pieces p
WHERE p.draw_id = %(draw)s AND p.number > %(beyond)s
ORDER BY p.number LIMIT 1;

-- page_of_exclusions --
SELECT max(p.number), convert_to(
           string_agg(json_build_array(p.number, p.order_id, p.reason)::text || E'\n', ''
                      ORDER BY p.number), 'UTF8')
FROM (SELECT x.number, x.order_id, x.reason
      FROM draw_exclusions x
      WHERE x.draw_id = %(draw)s AND x.number > %(beyond)s
      ORDER BY x.number LIMIT %(limit)s) p;

-- page_of_places --
SELECT r.turn, convert_to(r.lines, 'UTF8')
FROM draw_places r
WHERE r.draw_id = %(draw)s AND r.turn > %(beyond)s
ORDER BY r.turn LIMIT 1;

-- exclusions_total --
SELECT count(*) FROM draw_exclusions x WHERE x.draw_id = %(draw)s AND x.number IS NOT NULL;
