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
    about_id      uuid,                  -- the case that this one tells of or belongs to
    about_customer_id uuid,              -- of a notice: whose case that is
    customer_due_at timestamptz,         -- of the first thing due that she or he is shown
    dealer_due_at timestamptz,
    summary       text        NOT NULL,
    outline       text        NOT NULL
);
-- by these the writes below find what they change, also in a rebuild that has no other index yet
CREATE INDEX cases_about ON cases (about_id) WHERE category = 'notification';
CREATE INDEX cases_merged ON cases (customer_id)
    WHERE category = 'customer' AND customer_id <> stream;
CREATE INDEX cases_ledgers ON cases (customer_id) WHERE category = 'loyalty';

-- how many cases of each kind a customer has, so that nobody has to count them; `about`: notices
CREATE TABLE customer_tallies (
    customer_id uuid    NOT NULL,
    section     text    NOT NULL,
    total       integer NOT NULL,
    open        integer NOT NULL,
    PRIMARY KEY (customer_id, section)
);
CREATE INDEX customer_tallies_empty ON customer_tallies (total) WHERE total = 0;

-- what is still to be done: open complaints and special cases only, so that ended ones never slow a
-- desk down. What is due within one hour is dealt with by grade, then by the minute.
CREATE TABLE work (
    stream     uuid        PRIMARY KEY,
    category   text        NOT NULL,
    rank       smallint    NOT NULL,
    due_hour   timestamptz NOT NULL,
    grade_rank smallint    NOT NULL,  -- of the customer's best ledger; 99: she has none
    due_at     timestamptz NOT NULL,  -- of the first clock of ours that runs, else infinity
    opened_at  timestamptz NOT NULL,
    grade      text,
    customer_id uuid,
    dealer_id  text,
    region     text,
    units      text[]      NOT NULL,
    unassigned boolean     NOT NULL,
    handler    text,
    next_step  text,
    next_roles text[]      NOT NULL
);
CREATE INDEX work_customer ON work (customer_id) WHERE customer_id IS NOT NULL;

-- what a leasing desk counts and looks through: leases that have not ended, and ended ones whose
-- guarantees are still held
CREATE TABLE lease_desk (
    stream      uuid    PRIMARY KEY,
    position    bigint  NOT NULL,
    is_open     boolean NOT NULL,
    status      text    NOT NULL,
    next_step   text,
    bucket      text,             -- of its arrears, as they were last assessed
    overdue_on  date,             -- when the oldest instalment was due of which something is open
    papers      integer NOT NULL, -- that wait to be verified
    guarantees  integer NOT NULL, -- that are held
    dealer_id   text,
    region      text,
    units       text[]  NOT NULL,
    unassigned  boolean NOT NULL
);

-- customers of whom a batch has changed the grade, the records or the work; empty between batches,
-- so what is left of the rows has to go often
CREATE TABLE regraded (
    customer_id uuid PRIMARY KEY
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- her 360 degrees, section by section, as it is sent: to staff, or to herself and who acts for her
-- (`outside`). A record's page holds what every record has that was merged into it. Null: nothing.
CREATE TABLE customer_pages (
    customer_id   uuid    NOT NULL,
    outside       boolean NOT NULL,
    merged        text,
    vehicles      text,
    complaints    text,
    orders        text,
    leases        text,
    loyalty       text,
    notifications text,
    recent        text,
    PRIMARY KEY (customer_id, outside)
);
-- an update keeps the sections that it leaves alone where they are
ALTER TABLE customer_pages
    ALTER COLUMN vehicles SET STORAGE EXTERNAL, ALTER COLUMN complaints SET STORAGE EXTERNAL,
    ALTER COLUMN orders SET STORAGE EXTERNAL, ALTER COLUMN leases SET STORAGE EXTERNAL,
    ALTER COLUMN loyalty SET STORAGE EXTERNAL, ALTER COLUMN notifications SET STORAGE EXTERNAL,
    ALTER COLUMN recent SET STORAGE EXTERNAL;

-- what has to be written anew of whose page: a section, or all (`*`); empty between batches
CREATE TABLE repaged (
    customer_id uuid NOT NULL,
    section     text NOT NULL,
    PRIMARY KEY (customer_id, section)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- index --
CREATE INDEX cases_customer ON cases (customer_id, category, position DESC)
    INCLUDE (is_open) WHERE customer_id IS NOT NULL;
CREATE INDEX cases_customer_recent ON cases (customer_id, position DESC)
    WHERE category IN ('complaint', 'vehicle', 'order', 'lease', 'loyalty', 'customer');
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
CREATE INDEX cases_customer_open ON cases (customer_id, category, position DESC)
    WHERE is_open AND customer_id IS NOT NULL;
CREATE INDEX cases_customer_due ON cases (customer_id, customer_due_at)
    WHERE is_open AND category IN ('order', 'lease') AND customer_due_at IS NOT NULL;
CREATE INDEX cases_dealer_open ON cases (dealer_id, category, next_step, position DESC)
    WHERE is_open AND dealer_id IS NOT NULL;
CREATE INDEX cases_about_customer ON cases (about_customer_id, position DESC)
    WHERE about_customer_id IS NOT NULL;
-- what the lists of one kind of case are asked for, of which most cases say something else
CREATE INDEX cases_number ON cases (number, position DESC) WHERE number IS NOT NULL;
CREATE INDEX cases_order_draw ON cases ((summary::jsonb ->> 'draw_id'), position DESC)
    WHERE category = 'order';
CREATE INDEX cases_order_lease ON cases ((summary::jsonb ->> 'lease_id'))
    WHERE category = 'order';
CREATE INDEX cases_order_model ON cases ((summary::jsonb ->> 'model'), position DESC)
    WHERE category = 'order';
CREATE INDEX cases_order_stage ON cases ((summary::jsonb ->> 'stage'), position DESC)
    WHERE category = 'order';
CREATE INDEX cases_order_refundable ON cases (position DESC)
    WHERE category = 'order' AND (summary::jsonb ->> 'refundable_minor')::bigint > 0;
CREATE INDEX cases_lease_provider ON cases ((summary::jsonb ->> 'provider'), position DESC)
    WHERE category = 'lease';
CREATE INDEX cases_lease_bank ON cases ((summary::jsonb ->> 'bank'), position DESC)
    WHERE category = 'lease';
CREATE INDEX cases_ledger_household ON cases ((summary::jsonb ->> 'household_id'))
    WHERE category = 'loyalty';
CREATE INDEX cases_ledger_grade ON cases ((summary::jsonb ->> 'grade'), position DESC)
    WHERE category = 'loyalty';
CREATE INDEX cases_referral_letter ON cases ((summary::jsonb ->> 'letter_number'))
    WHERE category = 'referral';
CREATE INDEX cases_referral_complaint ON cases ((summary::jsonb ->> 'complaint_id'))
    WHERE category = 'referral';
CREATE INDEX work_order ON work (rank, due_hour, grade_rank, due_at, opened_at, stream);
CREATE INDEX work_unassigned ON work (rank, due_hour, grade_rank, due_at, opened_at, stream)
    WHERE unassigned;
CREATE INDEX work_dealer ON work
    (dealer_id, rank, due_hour, grade_rank, due_at, opened_at, stream) WHERE dealer_id IS NOT NULL;
CREATE INDEX work_region ON work (region) WHERE region IS NOT NULL;
CREATE INDEX lease_desk_status ON lease_desk (status, position DESC);
CREATE INDEX lease_desk_bucket ON lease_desk (bucket, overdue_on) WHERE bucket IS NOT NULL;
CREATE INDEX lease_desk_papers ON lease_desk (position) WHERE papers > 0;
CREATE INDEX lease_desk_guarantees ON lease_desk (is_open, position) WHERE guarantees > 0;
CREATE INDEX lease_desk_region ON lease_desk (region, status) WHERE region IS NOT NULL;
CREATE INDEX lease_desk_unassigned ON lease_desk (status) WHERE unassigned;
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

-- tally --
-- Before the rows are written: what they were is taken off, what they become is added.
INSERT INTO customer_tallies AS t (customer_id, section, total, open)
SELECT d.customer_id, d.section, sum(d.one), sum(d.one * d.is_open::integer)
FROM (SELECT u.customer_id, u.category AS section, 1 AS one, u.is_open
      FROM unnest(%(customer_id)b::uuid[], %(category)b::text[], %(is_open)b::boolean[])
          AS u(customer_id, category, is_open)
      UNION ALL
      SELECT c.customer_id, c.category, -1, c.is_open
      FROM unnest(%(stream)b::uuid[]) AS u(stream)
      CROSS JOIN LATERAL (SELECT w.customer_id, w.category, w.is_open
                          FROM cases w WHERE w.stream = u.stream OFFSET 0) c) d
WHERE d.customer_id IS NOT NULL
GROUP BY d.customer_id, d.section
HAVING sum(d.one) <> 0 OR sum(d.one * d.is_open::integer) <> 0
ON CONFLICT (customer_id, section) DO UPDATE
SET total = t.total + excluded.total, open = t.open + excluded.open;

-- mark_regraded --
-- Before the rows are written: whose grade can be another after them. A ledger's grade stands in its
-- priority. Records that merge or part change each other's; new work has no grade yet.
INSERT INTO regraded (customer_id)
SELECT DISTINCT whose.customer_id
FROM unnest(%(stream)b::uuid[], %(category)b::text[], %(customer_id)b::uuid[],
            %(is_open)b::boolean[], %(priority)b::text[], %(priority_rank)b::smallint[])
    AS u(stream, category, customer_id, is_open, priority, priority_rank)
LEFT JOIN LATERAL (SELECT c.customer_id, c.priority, c.priority_rank
                   FROM cases c WHERE c.stream = u.stream OFFSET 0) was ON true
LEFT JOIN LATERAL (SELECT o.customer_id FROM work o
                   WHERE o.stream = u.stream AND u.category IN ('complaint', 'referral')
                   OFFSET 0) w ON true
CROSS JOIN LATERAL (VALUES (u.customer_id), (was.customer_id), (u.stream)) AS whose(customer_id)
WHERE whose.customer_id IS NOT NULL
  AND CASE u.category
      WHEN 'loyalty' THEN whose.customer_id <> u.stream
          AND (was.customer_id, was.priority, was.priority_rank)
              IS DISTINCT FROM (u.customer_id, u.priority, u.priority_rank)
      WHEN 'customer' THEN u.customer_id IS DISTINCT FROM coalesce(was.customer_id, u.stream)
      ELSE u.category IN ('complaint', 'referral') AND u.is_open
          AND whose.customer_id = u.customer_id
          AND w.customer_id IS DISTINCT FROM u.customer_id
      END
ON CONFLICT (customer_id) DO NOTHING;

-- upsert_cases --
INSERT INTO cases (stream, category, version, position, customer_id, dealer_id, region, units,
                   unassigned, is_open, status, kind, number, priority, priority_rank, handler,
                   vehicle_id,
                   due_at, next_step, next_roles, opened_at, updated_at, last_topic, about_id,
                   customer_due_at, dealer_due_at, summary, outline)
SELECT u.stream, u.category, u.version, u.position, u.customer_id, u.dealer_id, u.region,
       string_to_array(u.units, E'\x1f'),
       u.dealer_id IS NULL AND u.region IS NULL AND u.units = '', u.is_open, u.status, u.kind,
       u.number, u.priority, u.priority_rank, u.handler, u.vehicle_id, u.due_at, u.next_step,
       string_to_array(u.next_roles, E'\x1f'), u.opened_at, u.updated_at, u.last_topic, u.about_id,
       u.customer_due_at, u.dealer_due_at, u.summary, u.outline
FROM unnest(%(stream)b::uuid[], %(category)b::text[], %(version)b::integer[],
            %(position)b::bigint[], %(customer_id)b::uuid[], %(dealer_id)b::text[],
            %(region)b::text[], %(units)b::text[], %(is_open)b::boolean[], %(status)b::text[],
            %(kind)b::text[], %(number)b::text[], %(priority)b::text[],
            %(priority_rank)b::smallint[], %(handler)b::text[], %(vehicle_id)b::uuid[],
            %(due_at)b::timestamptz[], %(next_step)b::text[], %(next_roles)b::text[],
            %(opened_at)b::timestamptz[], %(updated_at)b::timestamptz[], %(last_topic)b::text[],
            %(about_id)b::uuid[], %(customer_due_at)b::timestamptz[],
            %(dealer_due_at)b::timestamptz[], %(summary)b::text[], %(outline)b::text[])
    AS u(stream, category, version, position, customer_id, dealer_id, region, units, is_open,
         status, kind, number, priority, priority_rank, handler, vehicle_id, due_at, next_step,
         next_roles, opened_at, updated_at, last_topic, about_id, customer_due_at, dealer_due_at,
         summary, outline)
ON CONFLICT (stream) DO UPDATE
SET version = excluded.version, position = excluded.position, customer_id = excluded.customer_id,
    dealer_id = excluded.dealer_id, region = excluded.region, units = excluded.units,
    unassigned = excluded.unassigned, is_open = excluded.is_open, status = excluded.status,
    kind = excluded.kind,
    number = excluded.number, priority = excluded.priority,
    priority_rank = excluded.priority_rank, handler = excluded.handler,
    vehicle_id = excluded.vehicle_id, due_at = excluded.due_at, next_step = excluded.next_step,
    next_roles = excluded.next_roles, updated_at = excluded.updated_at,
    last_topic = excluded.last_topic, about_id = excluded.about_id,
    customer_due_at = excluded.customer_due_at, dealer_due_at = excluded.dealer_due_at,
    summary = excluded.summary, outline = excluded.outline;

-- attribute --
-- Whose case a notice tells of: of new notices, and of those whose case has changed hands.
WITH touched AS (
    SELECT n.stream, n.about_id, n.about_customer_id, n.is_written
    FROM unnest(%(stream)b::uuid[]) AS u(stream)
    CROSS JOIN LATERAL (
        (SELECT a.stream, a.about_id, a.about_customer_id, false AS is_written
         FROM cases a WHERE a.about_id = u.stream AND a.category = 'notification' OFFSET 0)
        UNION ALL
        (SELECT a.stream, a.about_id, a.about_customer_id, true
         FROM cases a WHERE a.stream = u.stream AND a.category = 'notification' OFFSET 0)) n
), changed AS (
    SELECT DISTINCT t.stream, t.about_customer_id AS was, c.customer_id AS becomes
    FROM touched t
    LEFT JOIN LATERAL (SELECT a.customer_id FROM cases a WHERE a.stream = t.about_id OFFSET 0) c
        ON true
    WHERE t.about_customer_id IS DISTINCT FROM c.customer_id
), moved AS (
    UPDATE cases n SET about_customer_id = c.becomes FROM changed c WHERE n.stream = c.stream
), marked AS (
    INSERT INTO repaged (customer_id, section)
    SELECT whose.customer_id, 'about'
    FROM (SELECT t.about_customer_id FROM touched t WHERE t.is_written
          UNION SELECT c.was FROM changed c UNION SELECT c.becomes FROM changed c)
        AS whose(customer_id)
    WHERE whose.customer_id IS NOT NULL
    ON CONFLICT DO NOTHING
)
INSERT INTO customer_tallies AS t (customer_id, section, total, open)
SELECT d.customer_id, 'about', sum(d.one), 0
FROM (SELECT was, -1 FROM changed UNION ALL SELECT becomes, 1 FROM changed) AS d(customer_id, one)
WHERE d.customer_id IS NOT NULL
GROUP BY d.customer_id
HAVING sum(d.one) <> 0
ON CONFLICT (customer_id, section) DO UPDATE SET total = t.total + excluded.total;

-- tidy_tallies --
DELETE FROM customer_tallies WHERE total = 0;

-- remove_work --
DELETE FROM work w
USING unnest(%(stream)b::uuid[], %(is_open)b::boolean[]) AS u(stream, is_open)
WHERE w.stream = u.stream AND NOT u.is_open;

-- upsert_work --
-- A grade stays while the case is the same customer's; `regrade` puts it on what is new.
INSERT INTO work (stream, category, rank, due_hour, grade_rank, due_at, opened_at, customer_id,
                  dealer_id, region, units, unassigned, handler, next_step, next_roles)
SELECT u.stream, u.category, coalesce(u.priority_rank, 99),
       date_trunc('hour', coalesce(u.due_at, 'infinity'), 'UTC'), 99,
       coalesce(u.due_at, 'infinity'), u.opened_at, u.customer_id, u.dealer_id, u.region,
       string_to_array(u.units, E'\x1f'),
       u.dealer_id IS NULL AND u.region IS NULL AND u.units = '', u.handler, u.next_step,
       string_to_array(u.next_roles, E'\x1f')
FROM unnest(%(stream)b::uuid[], %(category)b::text[], %(is_open)b::boolean[],
            %(priority_rank)b::smallint[], %(due_at)b::timestamptz[],
            %(opened_at)b::timestamptz[], %(customer_id)b::uuid[], %(dealer_id)b::text[],
            %(region)b::text[], %(units)b::text[], %(handler)b::text[], %(next_step)b::text[],
            %(next_roles)b::text[])
    AS u(stream, category, is_open, priority_rank, due_at, opened_at, customer_id, dealer_id,
         region, units, handler, next_step, next_roles)
WHERE u.is_open AND u.category IN ('complaint', 'referral')
ON CONFLICT (stream) DO UPDATE
SET rank = excluded.rank, due_hour = excluded.due_hour, due_at = excluded.due_at,
    dealer_id = excluded.dealer_id, region = excluded.region, units = excluded.units,
    unassigned = excluded.unassigned, handler = excluded.handler,
    next_step = excluded.next_step, next_roles = excluded.next_roles,
    customer_id = excluded.customer_id,
    grade = CASE WHEN work.customer_id = excluded.customer_id THEN work.grade END,
    grade_rank = CASE WHEN work.customer_id = excluded.customer_id THEN work.grade_rank
                 ELSE 99 END;

-- regrade --
-- A person is all records that lead to one; her grade is the best of all their ledgers.
WITH RECURSIVE up (id) AS (
    SELECT r.customer_id FROM regraded r
    UNION
    SELECT c.customer_id FROM up
    CROSS JOIN LATERAL (SELECT a.customer_id FROM cases a
                        WHERE a.stream = up.id AND a.category = 'customer'
                          AND a.customer_id <> a.stream OFFSET 0) c
), down (root, id) AS (
    SELECT up.id, up.id FROM up
    LEFT JOIN LATERAL (SELECT true AS merged FROM cases a
                       WHERE a.stream = up.id AND a.category = 'customer'
                         AND a.customer_id <> a.stream OFFSET 0) m ON true
    WHERE m.merged IS NULL
    UNION
    SELECT d.root, c.stream FROM down d
    CROSS JOIN LATERAL (SELECT a.stream FROM cases a
                        WHERE a.customer_id = d.id AND a.category = 'customer'
                          AND a.customer_id <> a.stream OFFSET 0) c
), best AS (
    SELECT DISTINCT ON (d.root) d.root, l.priority AS grade, l.priority_rank AS rank
    FROM down d
    CROSS JOIN LATERAL (SELECT a.priority, a.priority_rank FROM cases a
                        WHERE a.customer_id = d.id AND a.category = 'loyalty'
                          AND a.priority_rank IS NOT NULL OFFSET 0) l
    ORDER BY d.root, l.priority_rank, l.priority
)
UPDATE work w SET grade = n.grade, grade_rank = n.rank
FROM (SELECT o.stream, b.grade, coalesce(b.rank, 99) AS rank
      FROM down d
      LEFT JOIN best b ON b.root = d.root
      CROSS JOIN LATERAL (SELECT a.stream, a.grade, a.grade_rank FROM work a
                          WHERE a.customer_id = d.id OFFSET 0) o
      WHERE (o.grade, o.grade_rank) IS DISTINCT FROM (b.grade, coalesce(b.rank, 99))) n
WHERE w.stream = n.stream;

-- remove_leases --
DELETE FROM lease_desk l
USING unnest(%(stream)b::uuid[], %(category)b::text[], %(is_open)b::boolean[])
    AS u(stream, category, is_open)
WHERE l.stream = u.stream AND u.category = 'lease' AND NOT u.is_open;

-- upsert_leases --
INSERT INTO lease_desk (stream, position, is_open, status, next_step, bucket, overdue_on, papers,
                        guarantees, dealer_id, region, units, unassigned)
SELECT u.stream, u.position, u.is_open, u.status, u.next_step, s.summary ->> 'bucket',
       (s.summary ->> 'oldest_unpaid_due_on')::date,
       coalesce((s.summary ->> 'papers_to_verify')::integer, 0), g.held,
       u.dealer_id, u.region, string_to_array(u.units, E'\x1f'),
       u.dealer_id IS NULL AND u.region IS NULL AND u.units = ''
FROM unnest(%(stream)b::uuid[], %(category)b::text[], %(is_open)b::boolean[],
            %(position)b::bigint[], %(status)b::text[], %(next_step)b::text[],
            %(dealer_id)b::text[], %(region)b::text[], %(units)b::text[], %(summary)b::text[])
    AS u(stream, category, is_open, position, status, next_step, dealer_id, region, units, summary)
CROSS JOIN LATERAL (SELECT CASE WHEN u.category = 'lease' THEN u.summary::jsonb END AS summary) s
CROSS JOIN LATERAL (SELECT coalesce((s.summary ->> 'guarantees_held')::integer, 0) AS held) g
WHERE u.category = 'lease' AND (u.is_open OR g.held > 0)
ON CONFLICT (stream) DO UPDATE
SET position = excluded.position, is_open = excluded.is_open, status = excluded.status,
    next_step = excluded.next_step, bucket = excluded.bucket, overdue_on = excluded.overdue_on,
    papers = excluded.papers, guarantees = excluded.guarantees, dealer_id = excluded.dealer_id,
    region = excluded.region, units = excluded.units, unassigned = excluded.unassigned;

-- unmark_regraded --
DELETE FROM regraded;

-- mark_repaged --
-- Before the rows are written: on whose pages a case stands, or will. Records that merge or part
-- change all of each other's.
INSERT INTO repaged (customer_id, section)
SELECT DISTINCT whose.customer_id, s.section
FROM unnest(%(stream)b::uuid[], %(category)b::text[], %(customer_id)b::uuid[])
    AS u(stream, category, customer_id)
LEFT JOIN LATERAL (SELECT c.customer_id FROM cases c WHERE c.stream = u.stream OFFSET 0) was ON true
CROSS JOIN LATERAL (VALUES (u.customer_id), (was.customer_id)) AS whose(customer_id)
CROSS JOIN LATERAL (
    VALUES (CASE WHEN u.category <> 'customer' THEN u.category
                 WHEN u.customer_id IS DISTINCT FROM coalesce(was.customer_id, u.stream) THEN '*'
            END),
           (CASE WHEN u.category <> 'notification' THEN 'recent' END)) AS s(section)
WHERE whose.customer_id IS NOT NULL AND s.section IS NOT NULL
  AND u.category IN ('complaint', 'vehicle', 'order', 'lease', 'loyalty', 'notification', 'customer')
ON CONFLICT DO NOTHING;

-- by_index --
-- A plan that is made while the tables are small must not read them whole when they have grown.
SET LOCAL enable_seqscan = off;

-- page --
-- What was marked, for some customers at a time, also on the pages of the records that these were merged into. A section's newest
-- items are taken per record, each by its index, and then put in one order; how many there are in
-- all was counted when they were written. Notices: what staff were told of her cases, or what she
-- was told herself.
WITH RECURSIVE next (id) AS (
    SELECT DISTINCT r.customer_id FROM repaged r ORDER BY r.customer_id LIMIT 2000
), up (id, section) AS (
    SELECT r.customer_id, r.section
    FROM next CROSS JOIN LATERAL (SELECT a.customer_id, a.section FROM repaged a
                                  WHERE a.customer_id = next.id OFFSET 0) r
    UNION
    SELECT c.customer_id, up.section FROM up
    CROSS JOIN LATERAL (SELECT a.customer_id FROM cases a
                        WHERE a.stream = up.id AND a.category = 'customer'
                          AND a.customer_id <> a.stream OFFSET 0) c
)
INSERT INTO customer_pages AS p (customer_id, outside, merged, vehicles, complaints, orders,
                                 leases, loyalty, notifications, recent)
SELECT r.id, e.outside,
       CASE WHEN '*' = ANY (r.marks) THEN m.merged ELSE o.merged END,
       CASE WHEN r.marks && '{vehicle,*}' THEN n.vehicles ELSE o.vehicles END,
       CASE WHEN r.marks && '{complaint,*}' THEN n.complaints ELSE o.complaints END,
       CASE WHEN r.marks && '{order,*}' THEN n.orders ELSE o.orders END,
       CASE WHEN r.marks && '{lease,*}' THEN n.leases ELSE o.leases END,
       CASE WHEN r.marks && '{loyalty,*}' THEN n.loyalty ELSE o.loyalty END,
       CASE WHEN r.marks && ARRAY[e.notices, '*'] THEN n.notifications ELSE o.notifications END,
       CASE WHEN r.marks && '{recent,*}' THEN l.recent ELSE o.recent END
FROM (SELECT up.id, array_agg(up.section) AS marks FROM up GROUP BY up.id) r
CROSS JOIN LATERAL (
    WITH RECURSIVE members (id) AS (
        SELECT r.id
        UNION
        SELECT c.stream FROM members m
        CROSS JOIN LATERAL (SELECT a.stream FROM cases a
                            WHERE a.customer_id = m.id AND a.category = 'customer'
                              AND a.customer_id <> a.stream OFFSET 0) c
    )
    SELECT array_agg(m.id) AS ids,
           string_agg('"' || m.id || '"', ',' ORDER BY m.id) FILTER (WHERE m.id <> r.id) AS merged
    FROM members m
) m
CROSS JOIN (VALUES (false, 'about', 'notification'), (true, 'notification', 'about'))
    AS e(outside, notices, not_shown)
LEFT JOIN LATERAL (SELECT a.merged, a.vehicles, a.complaints, a.orders, a.leases, a.loyalty,
                          a.notifications, a.recent
                   FROM customer_pages a
                   WHERE a.customer_id = r.id AND a.outside = e.outside OFFSET 0) o ON true
CROSS JOIN LATERAL (
    SELECT max(w.shown) FILTER (WHERE w.section = 'vehicle') AS vehicles,
           max(w.shown) FILTER (WHERE w.section = 'complaint') AS complaints,
           max(w.shown) FILTER (WHERE w.section = 'order') AS orders,
           max(w.shown) FILTER (WHERE w.section = 'lease') AS leases,
           max(w.shown) FILTER (WHERE w.section = 'loyalty') AS loyalty,
           max(w.shown) FILTER (WHERE w.section = e.notices) AS notifications
    FROM (
        SELECT k.section,
               concat('{"total":', t.total, CASE WHEN k.opens THEN concat(',"open":', t.open) END,
                      ',"items":[', s.items, ']}') AS shown
        FROM (VALUES ('vehicle', false), ('complaint', true), ('order', true), ('lease', true),
                     ('loyalty', true), (e.notices, false)) AS k(section, opens)
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(b.total), 0) AS total, coalesce(sum(b.open), 0) AS open
            FROM unnest(m.ids) AS member(id)
            CROSS JOIN LATERAL (
                SELECT a.total, a.open FROM customer_tallies a
                WHERE a.customer_id = member.id AND a.section = k.section OFFSET 0) b) t
        CROSS JOIN LATERAL (
            SELECT string_agg(
                       CASE WHEN i.member = r.id THEN i.shown
                            ELSE left(i.shown, -1) || ',"merged_from":"' || i.member || '"}' END,
                       ',' ORDER BY i.position DESC) AS items
            FROM (SELECT member.id AS member, j.position, j.shown
                  FROM unnest(m.ids) AS member(id)
                  CROSS JOIN LATERAL (
                      (SELECT c.position, CASE WHEN e.outside THEN c.outline ELSE c.summary END
                           AS shown
                       FROM cases c WHERE c.customer_id = member.id AND c.category = k.section
                       ORDER BY c.position DESC LIMIT 20)
                      UNION ALL
                      (SELECT c.position, c.summary
                       FROM cases c WHERE c.about_customer_id = member.id AND k.section = 'about'
                       ORDER BY c.position DESC LIMIT 20)) j
                  ORDER BY j.position DESC LIMIT 20) i) s
        WHERE r.marks && ARRAY[k.section, '*'] AND t.total > 0) w
) n
CROSS JOIN LATERAL (
    SELECT string_agg(
               '{"case":"' || i.stream || '","category":"' || i.category
               || CASE WHEN e.outside THEN '' ELSE '","topic":"' || i.last_topic END || '","at":"'
               || to_char(i.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
               || '"}', ',' ORDER BY i.position DESC) AS recent
    FROM (SELECT j.position, j.stream, j.category, j.last_topic, j.updated_at
          FROM unnest(m.ids) AS member(id)
          CROSS JOIN LATERAL (
              SELECT c.position, c.stream, c.category, c.last_topic, c.updated_at
              FROM cases c
              WHERE c.customer_id = member.id
                AND c.category IN ('complaint', 'vehicle', 'order', 'lease', 'loyalty', 'customer')
              ORDER BY c.position DESC LIMIT 20) j
          WHERE r.marks && '{recent,*}'
          ORDER BY j.position DESC LIMIT 20) i
) l
WHERE r.marks <> ARRAY[e.not_shown]
ON CONFLICT (customer_id, outside) DO UPDATE
SET merged = excluded.merged, vehicles = excluded.vehicles, complaints = excluded.complaints,
    orders = excluded.orders, leases = excluded.leases, loyalty = excluded.loyalty,
    notifications = excluded.notifications, recent = excluded.recent;

-- tidy_pages --
WITH next (id) AS (
    SELECT DISTINCT r.customer_id FROM repaged r ORDER BY r.customer_id LIMIT 2000
)
DELETE FROM customer_pages p
USING next
WHERE p.customer_id = next.id
  AND num_nonnulls(p.merged, p.vehicles, p.complaints, p.orders, p.leases, p.loyalty,
                   p.notifications, p.recent) = 0;

-- unmark_repaged --
-- Tells whether others are marked.
WITH next (id) AS (
    SELECT DISTINCT r.customer_id FROM repaged r ORDER BY r.customer_id LIMIT 2000
), gone AS (
    DELETE FROM repaged r USING next WHERE r.customer_id = next.id
)
SELECT EXISTS (
    SELECT FROM repaged r
    WHERE r.customer_id > (SELECT next.id FROM next ORDER BY next.id DESC LIMIT 1));

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
