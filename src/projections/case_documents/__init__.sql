Case documents and the rows of lists.

-- create --
-- Bodies are text, as they are sent; units and steps that change often are in no index here, so
-- that a new body stays on its page where there is room.
CREATE TABLE case_documents (
    stream        uuid    PRIMARY KEY,
    category      text    NOT NULL,
    version       integer NOT NULL,
    position      bigint  NOT NULL,
    customer_id   uuid,
    dealer_id     text,
    region        text,
    units         text[]  NOT NULL,
    body          text    NOT NULL,
    customer_body text,
    dealer_body   text
);
ALTER TABLE case_documents ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE case_documents ALTER COLUMN customer_body SET STORAGE EXTERNAL;
ALTER TABLE case_documents ALTER COLUMN dealer_body SET STORAGE EXTERNAL;

CREATE TABLE cases (
    stream        uuid        PRIMARY KEY,
    category      text        NOT NULL,
    version       integer     NOT NULL,
    position      bigint      NOT NULL,  -- of the case's newest event
    customer_id   uuid,
    dealer_id     text,
    region        text,
    units         text[]      NOT NULL,
    unassigned    boolean     NOT NULL,  -- no dealer, no region, no unit
    is_open       boolean     NOT NULL,
    status        text,
    kind          text,
    number        text,
    priority      text,
    priority_rank smallint,
    handler       text,
    vehicle_id    uuid,
    due_at        timestamptz,
    next_step     text,
    next_roles    text[]      NOT NULL,
    opened_at     timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    last_topic    text        NOT NULL,
    summary       text        NOT NULL,
    outline       text        NOT NULL
);

-- what is still to be done: open complaints and special cases only, so that ended ones never slow a
-- desk down
CREATE TABLE work (
    stream     uuid        PRIMARY KEY,
    rank       smallint    NOT NULL,
    due_at     timestamptz NOT NULL,  -- of the first clock of ours that runs, else infinity
    opened_at  timestamptz NOT NULL,
    dealer_id  text,
    region     text,
    units      text[]      NOT NULL,
    unassigned boolean     NOT NULL,
    handler    text,
    next_roles text[]      NOT NULL
);

-- index --
CREATE INDEX cases_customer ON cases (customer_id, category, position DESC)
    INCLUDE (is_open) WHERE customer_id IS NOT NULL;
CREATE INDEX cases_category ON cases (category, position DESC);
CREATE INDEX cases_dealer ON cases (dealer_id, category, position DESC)
    WHERE dealer_id IS NOT NULL;
CREATE INDEX cases_status ON cases (status, position DESC) WHERE category = 'complaint';
CREATE INDEX cases_region ON cases (region, position DESC) WHERE region IS NOT NULL;
CREATE INDEX cases_handler ON cases (handler, position DESC) WHERE handler IS NOT NULL;
CREATE INDEX cases_vehicle ON cases (vehicle_id) WHERE vehicle_id IS NOT NULL;
CREATE INDEX cases_units ON cases USING gin (units);
CREATE INDEX cases_unassigned ON cases (position DESC)
    WHERE category = 'complaint' AND unassigned;
CREATE INDEX work_order ON work (rank, due_at, opened_at, stream);
CREATE INDEX work_unassigned ON work (rank, due_at, opened_at, stream) WHERE unassigned;
CREATE INDEX work_dealer ON work (dealer_id) WHERE dealer_id IS NOT NULL;
CREATE INDEX work_region ON work (region) WHERE region IS NOT NULL;
CREATE INDEX work_handler ON work (handler) WHERE handler IS NOT NULL;
CREATE INDEX work_units ON work USING gin (units);

-- load --
SELECT stream, body FROM case_documents WHERE stream = ANY (%(streams)s);

-- upsert_documents --
INSERT INTO case_documents (stream, category, version, position, customer_id, dealer_id, region,
                            units, body, customer_body, dealer_body)
SELECT u.stream, u.category, u.version, u.position, u.customer_id, u.dealer_id, u.region,
       string_to_array(u.units, E'\x1f'), u.body, u.customer_body, u.dealer_body
FROM unnest(%(stream)b::uuid[], %(category)b::text[], %(version)b::integer[],
            %(position)b::bigint[], %(customer_id)b::uuid[], %(dealer_id)b::text[],
            %(region)b::text[], %(units)b::text[], %(body)b::text[], %(customer_body)b::text[],
            %(dealer_body)b::text[])
    AS u(stream, category, version, position, customer_id, dealer_id, region, units, body,
         customer_body, dealer_body)
ON CONFLICT (stream) DO UPDATE
SET version = excluded.version, position = excluded.position, customer_id = excluded.customer_id,
    dealer_id = excluded.dealer_id, region = excluded.region, units = excluded.units,
    body = excluded.body, customer_body = excluded.customer_body,
    dealer_body = excluded.dealer_body;

-- upsert_cases --
INSERT INTO cases (stream, category, version, position, customer_id, dealer_id, region, units,
                   unassigned, is_open, status, kind, number, priority, priority_rank, handler,
                   vehicle_id,
                   due_at, next_step, next_roles, opened_at, updated_at, last_topic, summary,
                   outline)
SELECT u.stream, u.category, u.version, u.position, u.customer_id, u.dealer_id, u.region,
       string_to_array(u.units, E'\x1f'),
       u.dealer_id IS NULL AND u.region IS NULL AND u.units = '', u.is_open, u.status, u.kind,
       u.number, u.priority, u.priority_rank, u.handler, u.vehicle_id, u.due_at, u.next_step,
       string_to_array(u.next_roles, E'\x1f'), u.opened_at, u.updated_at, u.last_topic, u.summary,
       u.outline
FROM unnest(%(stream)b::uuid[], %(category)b::text[], %(version)b::integer[],
            %(position)b::bigint[], %(customer_id)b::uuid[], %(dealer_id)b::text[],
            %(region)b::text[], %(units)b::text[], %(is_open)b::boolean[], %(status)b::text[],
            %(kind)b::text[], %(number)b::text[], %(priority)b::text[],
            %(priority_rank)b::smallint[], %(handler)b::text[], %(vehicle_id)b::uuid[],
            %(due_at)b::timestamptz[], %(next_step)b::text[], %(next_roles)b::text[],
            %(opened_at)b::timestamptz[], %(updated_at)b::timestamptz[], %(last_topic)b::text[],
            %(summary)b::text[], %(outline)b::text[])
    AS u(stream, category, version, position, customer_id, dealer_id, region, units, is_open,
         status, kind, number, priority, priority_rank, handler, vehicle_id, due_at, next_step,
         next_roles, opened_at, updated_at, last_topic, summary, outline)
ON CONFLICT (stream) DO UPDATE
SET version = excluded.version, position = excluded.position, customer_id = excluded.customer_id,
    dealer_id = excluded.dealer_id, region = excluded.region, units = excluded.units,
    unassigned = excluded.unassigned, is_open = excluded.is_open, status = excluded.status,
    kind = excluded.kind,
    number = excluded.number, priority = excluded.priority,
    priority_rank = excluded.priority_rank, handler = excluded.handler,
    vehicle_id = excluded.vehicle_id, due_at = excluded.due_at, next_step = excluded.next_step,
    next_roles = excluded.next_roles, updated_at = excluded.updated_at,
    last_topic = excluded.last_topic, summary = excluded.summary, outline = excluded.outline;

-- remove_work --
DELETE FROM work w
USING unnest(%(stream)b::uuid[], %(is_open)b::boolean[]) AS u(stream, is_open)
WHERE w.stream = u.stream AND NOT u.is_open;

-- upsert_work --
INSERT INTO work (stream, rank, due_at, opened_at, dealer_id, region, units, unassigned, handler,
                  next_roles)
SELECT u.stream, coalesce(u.priority_rank, 99), coalesce(u.due_at, 'infinity'), u.opened_at, u.dealer_id, u.region,
       string_to_array(u.units, E'\x1f'),
       u.dealer_id IS NULL AND u.region IS NULL AND u.units = '', u.handler,
       string_to_array(u.next_roles, E'\x1f')
FROM unnest(%(stream)b::uuid[], %(category)b::text[], %(is_open)b::boolean[],
            %(priority_rank)b::smallint[], %(due_at)b::timestamptz[],
            %(opened_at)b::timestamptz[], %(dealer_id)b::text[], %(region)b::text[],
            %(units)b::text[], %(handler)b::text[], %(next_roles)b::text[])
    AS u(stream, category, is_open, priority_rank, due_at, opened_at, dealer_id, region, units, handler,
         next_roles)
WHERE u.is_open AND u.category IN ('complaint', 'referral')
ON CONFLICT (stream) DO UPDATE
SET rank = excluded.rank, due_at = excluded.due_at, dealer_id = excluded.dealer_id, region = excluded.region,
    units = excluded.units, unassigned = excluded.unassigned, handler = excluded.handler,
    next_roles = excluded.next_roles;

-- fetch_for_all_seeing --
-- For readers who see every case, whosever it is.
SELECT t.position, d.category, d.version, convert_to(d.body, 'UTF8')
FROM views.tracking t LEFT JOIN views.case_documents d ON d.stream = %(stream)s
WHERE t.view = 'case_documents';

-- fetch_for_staff --
-- Always answers a row, so that the view's position comes with "no such case" too.
SELECT t.position, d.category, d.version, convert_to(d.body, 'UTF8'), d.customer_id, d.dealer_id,
       d.region, d.units
FROM views.tracking t LEFT JOIN views.case_documents d ON d.stream = %(stream)s
WHERE t.view = 'case_documents';

-- fetch_for_customer --
SELECT t.position, d.category, d.version, convert_to(d.customer_body, 'UTF8'), d.customer_id,
       d.dealer_id, d.region, d.units
FROM views.tracking t LEFT JOIN views.case_documents d ON d.stream = %(stream)s
WHERE t.view = 'case_documents';

-- fetch_for_dealer --
SELECT t.position, d.category, d.version, convert_to(d.dealer_body, 'UTF8'), d.customer_id,
       d.dealer_id, d.region, d.units
FROM views.tracking t LEFT JOIN views.case_documents d ON d.stream = %(stream)s
WHERE t.view = 'case_documents';
