-- create --
CREATE TABLE tallies (
    stream uuid PRIMARY KEY, version integer NOT NULL, position bigint NOT NULL,
    total bigint NOT NULL, body text NOT NULL
);

-- index --
CREATE INDEX tallies_total ON tallies (total);

-- load --
SELECT stream, body FROM tallies WHERE stream = ANY (%(streams)s);

-- upsert --
INSERT INTO tallies (stream, version, position, total, body)
SELECT u.stream, u.version, u.position, u.total, u.body
FROM unnest(%(stream)b::uuid[], %(version)s::integer[], %(position)s::bigint[],
            %(total)b::bigint[], %(body)s::text[]) AS u(stream, version, position, total, body)
ON CONFLICT (stream) DO UPDATE
SET version = excluded.version, position = excluded.position, total = excluded.total,
    body = excluded.body;
