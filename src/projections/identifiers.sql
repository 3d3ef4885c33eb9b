Identifiers.

-- create --
-- entry: which contact, plate or VIN of the case it is, so that it can be taken away again
CREATE TABLE identifiers (
    kind       text   NOT NULL,
    value_hash bytea  NOT NULL,
    stream     uuid   NOT NULL,
    entry      text   NOT NULL,
    category   text   NOT NULL,
    position   bigint NOT NULL,
    subject_id uuid,
    PRIMARY KEY (kind, value_hash, stream, entry)
);
CREATE INDEX identifiers_stream ON identifiers (stream, entry);

-- remove_entries --
DELETE FROM identifiers i
USING unnest(%(stream)b::uuid[], %(entry)b::text[]) AS u(stream, entry)
WHERE i.stream = u.stream AND i.entry = u.entry;

-- remove_values --
DELETE FROM identifiers i
USING unnest(%(stream)b::uuid[], %(entry)b::text[], %(value_hash)b::bytea[])
    AS u(stream, entry, value_hash)
WHERE i.stream = u.stream AND i.entry = u.entry AND i.value_hash = u.value_hash;

-- insert --
INSERT INTO identifiers (kind, value_hash, stream, entry, category, position, subject_id)
SELECT u.kind, u.value_hash, u.stream, u.entry, u.category, u.position, u.subject_id
FROM unnest(%(kind)b::text[], %(value_hash)b::bytea[], %(stream)b::uuid[], %(entry)b::text[],
            %(category)b::text[], %(position)b::bigint[], %(subject_id)b::uuid[])
    AS u(kind, value_hash, stream, entry, category, position, subject_id)
ON CONFLICT (kind, value_hash, stream, entry) DO UPDATE
SET position = excluded.position, subject_id = excluded.subject_id;

-- forget --
DELETE FROM identifiers WHERE subject_id = %(subject)s OR stream = %(subject)s;

-- find --
-- Always answers a row, so that the view's position comes with "nobody" too. Records that lead to one
-- are one person, whichever of them a case names.
WITH RECURSIVE matches AS MATERIALIZED (
    SELECT DISTINCT ON (r.stream, r.kind) r.position, r.kind, r.stream, r.category, c.customer_id
    FROM unnest(%(kinds)b::text[], %(hashes)b::bytea[]) AS w(kind, value_hash)
    CROSS JOIN LATERAL (
        SELECT e.kind, e.stream, e.category, e.position FROM views.identifiers e
        WHERE e.kind = w.kind AND e.value_hash = w.value_hash LIMIT %(limit)s) r
    LEFT JOIN views.cases c ON c.stream = r.stream
    ORDER BY r.stream, r.kind, r.position
), up (record, id) AS (
    SELECT m.customer_id, m.customer_id FROM matches m WHERE m.customer_id IS NOT NULL
    UNION
    SELECT u.record, c.customer_id FROM up u
    CROSS JOIN LATERAL (SELECT a.customer_id FROM views.cases a
                        WHERE a.stream = u.id AND a.category = 'customer'
                          AND a.customer_id <> a.stream OFFSET 0) c
), ends AS (
    SELECT u.record, u.id FROM up u
    LEFT JOIN LATERAL (SELECT true AS goes_on FROM views.cases a
                       WHERE a.stream = u.id AND a.category = 'customer'
                         AND a.customer_id <> a.stream OFFSET 0) m ON true
    WHERE m.goes_on IS NULL
)
SELECT t.position, m.kind, m.stream, m.category, e.id
FROM (SELECT min(position) AS position FROM views.tracking
      WHERE view IN ('case_documents', 'identifiers')) t
LEFT JOIN (matches m LEFT JOIN ends e ON e.record = m.customer_id) ON true
ORDER BY m.position;
