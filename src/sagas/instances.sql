The instances of one saga. `saga_instances` stands for the saga's own table, `saga_<name>`.

-- create --
CREATE TABLE saga_instances (
    key      uuid     PRIMARY KEY,
    state    text     NOT NULL,
    position bigint   NOT NULL,  -- of the newest event that is folded into it
    lane     smallint,           -- how urgent it is, 0 first
    wake_at  timestamptz,        -- when to look again; null: not before an event says so
    tags     text[],
    CHECK ((lane IS NULL) = (wake_at IS NULL))
);
CREATE TABLE saga_instances_shared (
    one   boolean PRIMARY KEY CHECK (one),
    state text    NOT NULL
);

-- index --
CREATE INDEX saga_instances_due ON saga_instances (lane, wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX saga_instances_tagged ON saga_instances USING gin (tags) WHERE tags IS NOT NULL;

-- load --
SELECT key, state, position FROM saga_instances WHERE key = ANY (%(keys)s);

-- tagged --
SELECT key FROM saga_instances WHERE tags && %(tags)s::text[] ORDER BY key;

-- shared --
SELECT state FROM saga_instances_shared;

-- share --
INSERT INTO saga_instances_shared (one, state) VALUES (true, %(state)s)
ON CONFLICT (one) DO UPDATE SET state = excluded.state;

-- active_from --
SELECT a.active_from FROM sagas.activations a WHERE a.saga = %(saga)s;

-- upsert --
INSERT INTO saga_instances (key, state, position, lane, wake_at, tags)
SELECT u.key, u.state, u.position, u.lane, u.wake_at, string_to_array(u.tags, ' ')
FROM unnest(%(key)b::uuid[], %(state)b::text[], %(position)b::bigint[], %(lane)b::smallint[],
            %(wake_at)b::timestamptz[], %(tags)b::text[])
    AS u(key, state, position, lane, wake_at, tags)
ON CONFLICT (key) DO UPDATE
SET state = excluded.state, position = excluded.position, lane = excluded.lane,
    wake_at = excluded.wake_at, tags = excluded.tags;

-- remove --
DELETE FROM saga_instances WHERE key = ANY (%(keys)s);

-- release --
-- What was executed, or waited, is out of date; a rebuild beside the live table is nobody's affair.
DELETE FROM sagas.leases l
WHERE l.saga = %(saga)s AND l.key = ANY (%(keys)s) AND current_schema() = 'views';
