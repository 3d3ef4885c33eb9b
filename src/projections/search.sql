Search.

-- create --
-- body keeps the words of each field, so that a correction replaces those of one field
CREATE TABLE search (
    stream   uuid     PRIMARY KEY,
    category text     NOT NULL,
    body     text     NOT NULL,
    words    tsvector NOT NULL
);

-- index --
CREATE INDEX search_words ON search USING gin (words);

-- load --
SELECT stream, body FROM search WHERE stream = ANY (%(streams)s);

-- upsert --
-- The words come ready made: no dictionary and no collation of the database has a say in them.
INSERT INTO search (stream, category, body, words)
SELECT u.stream, u.category, u.body, array_to_tsvector(string_to_array(u.words, E'\n'))
FROM unnest(%(stream)b::uuid[], %(category)b::text[], %(body)b::text[], %(words)b::text[])
    AS u(stream, category, body, words)
ON CONFLICT (stream) DO UPDATE SET body = excluded.body, words = excluded.words;
