The homes of the portals, over the rows of case_documents and the inbox. Every part is bounded: items
by a limit that an index serves, counts by the number from which on it says `more`.

-- customer --
-- What she has to do and may expect next. members: her record, and every record that leads to it.
WITH RECURSIVE members (id) AS (
    SELECT %(customer)s::uuid
    UNION
    SELECT c.stream FROM members m
    CROSS JOIN LATERAL (SELECT a.stream FROM views.cases a
                        WHERE a.customer_id = m.id AND a.category = 'customer'
                          AND a.customer_id <> a.stream OFFSET 0) c
), written AS (
    SELECT string_agg(
               concat(',"', k.name, '":{"total":', t.total, ',"open":', t.open,
                      ',"items":[', s.items, ']}'), '' ORDER BY k.place) AS sections
    FROM (SELECT v.place, v.name, v.section
          FROM (VALUES (1, 'orders', 'order'), (2, 'leases', 'lease'), (3, 'loyalty', 'loyalty'),
                       (4, 'complaints', 'complaint'), (5, 'vehicles', 'vehicle'))
              AS v(place, name, section)
          ORDER BY v.place OFFSET 0) k
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(a.total), 0) AS total, coalesce(sum(a.open), 0) AS open
        FROM members m
        CROSS JOIN LATERAL (SELECT b.total, b.open FROM views.customer_tallies b
                            WHERE b.customer_id = m.id AND b.section = k.section OFFSET 0) a) t
    CROSS JOIN LATERAL (
        SELECT string_agg(
                   concat(left(x.outline, -1),
                          CASE WHEN k.section = 'complaint' THEN concat(',"due_at":', CASE
                              WHEN x.customer_due_at IS NULL THEN 'null'
                              ELSE to_char(x.customer_due_at AT TIME ZONE 'UTC',
                                           '"\""YYYY-MM-DD"T"HH24:MI:SS.US"Z\""') END) END,
                          CASE WHEN x.member <> %(customer)s::uuid
                               THEN concat(',"merged_from":"', x.member, '"') END,
                          '}'),
                   ',' ORDER BY x.position DESC) AS items
        FROM (SELECT m.id AS member, i.position, i.outline, i.customer_due_at
              FROM members m
              CROSS JOIN LATERAL (
                  SELECT c.position, c.outline, c.customer_due_at
                  FROM views.cases c
                  WHERE c.customer_id = m.id AND c.category = k.section AND c.is_open
                  ORDER BY c.position DESC LIMIT %(items)s) i
              ORDER BY i.position DESC LIMIT %(items)s) x) s
), instalment AS (  -- the first that is owed of any order or lease, late ones first
    SELECT '{"case":"' || i.stream || '","category":"' || i.category
           || '","number":' || coalesce(to_json(i.number)::text, 'null')
           || ',"due_on":"' || (i.customer_due_at AT TIME ZONE 'UTC')::date
           || '","amount":{"minor":'
           || coalesce(i.outline::json ->> CASE i.category WHEN 'lease' THEN 'oldest_unpaid_minor'
                                                           ELSE 'next_due_minor' END, 'null')
           || ',"currency":' || coalesce(to_json(i.outline::json ->> 'currency')::text, 'null')
           || '}}' AS shown
    FROM (SELECT d.stream, d.category, d.number, d.customer_due_at, d.outline
          FROM members m
          CROSS JOIN LATERAL (
              SELECT c.stream, c.category, c.number, c.customer_due_at, c.outline
              FROM views.cases c
              WHERE c.customer_id = m.id AND c.is_open AND c.category IN ('order', 'lease')
                AND c.customer_due_at IS NOT NULL
              ORDER BY c.customer_due_at LIMIT 1) d
          ORDER BY d.customer_due_at, d.stream LIMIT 1) i
), expiry AS (  -- the points that expire first, of any ledger
    SELECT '{"case":' || (e.shown -> 'id')::text || ',"programme":' || (e.shown -> 'programme')::text
           || ',' || substr((e.shown -> 'next_expiry')::text, 2) AS shown
    FROM (SELECT i.outline::json AS shown
          FROM members m
          CROSS JOIN LATERAL (
              SELECT c.outline FROM views.cases c
              WHERE c.customer_id = m.id AND c.category = 'loyalty' AND c.is_open
              ORDER BY c.position DESC LIMIT %(items)s) i) e
    WHERE e.shown #>> '{next_expiry,at}' IS NOT NULL
    ORDER BY (e.shown #>> '{next_expiry,at}')::timestamptz LIMIT 1
), unseen AS (
    SELECT count(*) AS notices FROM members m
    CROSS JOIN LATERAL (SELECT 1 FROM views.inbox n
                        WHERE n.recipient = 'customer:' || m.id AND n.seen_at IS NULL
                          AND n.acknowledged_at IS NULL AND n.settled_at IS NULL
                        LIMIT %(count)s + 1) x
), notices AS (
    SELECT string_agg(
               '{"id":"' || n.id || '","code":' || to_json(n.code)::text
               || ',"case_id":"' || n.case_id || '","case_category":"' || n.case_category
               || '","seen":' || (n.seen_at IS NOT NULL)::text || ',"planned_at":'
               || to_char(n.planned_at AT TIME ZONE 'UTC', '"\""YYYY-MM-DD"T"HH24:MI:SS.US"Z\""')
               || ',"params":' || n.params || '}', ',' ORDER BY n.position DESC) AS items
    FROM (SELECT r.id, r.code, r.case_id, r.case_category, r.seen_at, r.planned_at, r.params,
                 r.position
          FROM members m
          CROSS JOIN LATERAL (
              SELECT a.id, a.code, a.case_id, a.case_category, a.seen_at, a.planned_at, a.params,
                     a.position
              FROM views.inbox a WHERE a.recipient = 'customer:' || m.id
              ORDER BY a.position DESC LIMIT %(items)s) r
          ORDER BY r.position DESC LIMIT %(items)s) n
)
SELECT t.position,
       convert_to(
           '{"customer":' || d.customer_body
           || ',"next_instalment":' || coalesce((SELECT i.shown FROM instalment i), 'null')
           || ',"next_expiry":' || coalesce((SELECT e.shown FROM expiry e), 'null')
           || written.sections
           || ',"notices":{"unseen":' || least(unseen.notices, %(count)s)
           || ',"more":' || (unseen.notices > %(count)s)::text
           || ',"items":[' || coalesce(notices.items, '') || ']}}', 'UTF8')
FROM (SELECT min(position) AS position FROM views.tracking
      WHERE view IN ('case_documents', 'inbox')) t
CROSS JOIN written CROSS JOIN unseen CROSS JOIN notices
LEFT JOIN views.case_documents d ON d.stream = %(customer)s::uuid AND d.category = 'customer';

-- dealer --
-- Its complaints with what is due, most urgent first; its open orders by the stage that comes next;
-- the vehicles of both.
WITH works AS (
    SELECT w.stream, w.vehicle_id,
           row_number() OVER (ORDER BY w.rank, w.due_hour, w.grade_rank, w.due_at, w.opened_at,
                              w.stream) AS place,
           left(w.outline, -1) || ',"next_step":' || coalesce(to_json(w.next_step)::text, 'null')
           || ',"ours":' || (w.next_roles && ARRAY['dealer'])::text
           || ',"priority":' || coalesce(to_json(w.priority)::text, 'null')
           || ',"due_at":' || CASE WHEN w.dealer_due_at IS NULL THEN 'null'
               ELSE to_char(w.dealer_due_at AT TIME ZONE 'UTC',
                            '"\""YYYY-MM-DD"T"HH24:MI:SS.US"Z\""') END
           || '}' AS shown
    FROM (
        SELECT o.stream, o.rank, o.due_hour, o.grade_rank, o.due_at, o.opened_at, o.next_roles,
               c.vehicle_id, c.outline, c.next_step, c.priority, c.dealer_due_at
        FROM (SELECT a.stream, a.rank, a.due_hour, a.grade_rank, a.due_at, a.opened_at, a.next_roles
              FROM views.work a WHERE a.dealer_id = %(dealer)s AND a.category = 'complaint'
              ORDER BY a.rank, a.due_hour, a.grade_rank, a.due_at, a.opened_at, a.stream
              LIMIT %(items)s) o
        JOIN views.cases c ON c.stream = o.stream) w
), counted AS (
    SELECT (SELECT count(*) FROM (SELECT 1 FROM views.work a WHERE a.dealer_id = %(dealer)s
                                  AND a.category = 'complaint' LIMIT %(count)s + 1) x) AS open,
           (SELECT count(*) FROM (SELECT 1 FROM views.work a WHERE a.dealer_id = %(dealer)s
                                  AND a.category = 'complaint' AND a.next_roles && ARRAY['dealer']
                                  LIMIT %(count)s + 1) x) AS ours,
           (SELECT count(*) FROM (SELECT 1 FROM views.work a WHERE a.dealer_id = %(dealer)s
                                  AND a.category = 'complaint' AND a.next_step = 'plan'
                                  LIMIT %(count)s + 1) x) AS plans
), stages AS (
    SELECT string_agg('{"stage":' || to_json(s.stage)::text || ',"count":' || least(n.orders, %(count)s)
                      || ',"more":' || (n.orders > %(count)s)::text || '}', ',' ORDER BY s.place)
               AS items
    FROM unnest(%(stages)b::text[]) WITH ORDINALITY AS s(stage, place)
    CROSS JOIN LATERAL (
        SELECT count(*) AS orders FROM (
            SELECT 1 FROM views.cases c
            WHERE c.dealer_id = %(dealer)s AND c.category = 'order' AND c.is_open
              AND c.next_step = s.stage LIMIT %(count)s + 1) x) n
    WHERE n.orders > 0
), orders AS (
    SELECT c.position, c.outline AS shown, c.vehicle_id
    FROM (SELECT a.position, a.outline, a.vehicle_id
          FROM views.cases a
          WHERE a.dealer_id = %(dealer)s AND a.category = 'order'
          ORDER BY a.position DESC LIMIT %(items)s) c
), vehicles AS (
    SELECT string_agg((c.summary::jsonb - 'insurance_expires_on')::text, ',' ORDER BY c.position DESC)
               AS items
    FROM (SELECT w.vehicle_id FROM works w WHERE w.vehicle_id IS NOT NULL
          UNION SELECT o.vehicle_id FROM orders o WHERE o.vehicle_id IS NOT NULL) v
    JOIN views.cases c ON c.stream = v.vehicle_id AND c.category = 'vehicle'
)
SELECT t.position,
       convert_to(
           '{"dealer_id":' || to_json(%(dealer)s::text)::text
           || ',"complaints":{"open":{"count":' || least(counted.open, %(count)s)
           || ',"more":' || (counted.open > %(count)s)::text
           || '},"ours":{"count":' || least(counted.ours, %(count)s)
           || ',"more":' || (counted.ours > %(count)s)::text
           || '},"plans_due":{"count":' || least(counted.plans, %(count)s)
           || ',"more":' || (counted.plans > %(count)s)::text
           || '},"items":['
           || coalesce((SELECT string_agg(w.shown, ',' ORDER BY w.place) FROM works w), '')
           || ']},"orders":{"by_next_stage":[' || coalesce(stages.items, '') || '],"items":['
           || coalesce((SELECT string_agg(o.shown, ',' ORDER BY o.position DESC) FROM orders o), '')
           || ']},"vehicles":{"items":[' || coalesce(vehicles.items, '') || ']}}', 'UTF8')
FROM (SELECT position FROM views.tracking WHERE view = 'case_documents') t
CROSS JOIN counted CROSS JOIN stages CROSS JOIN vehicles;

-- leasing --
-- Leases within sight: applications by where they stand, papers to verify, arrears by bucket, and
-- guarantees, those first that should go back.
WITH RECURSIVE mine AS NOT MATERIALIZED (
    SELECT l.stream, l.position, l.is_open, l.status, l.bucket, l.overdue_on, l.papers, l.guarantees
    FROM views.lease_desk l
    WHERE (%(everything)s
           OR (%(own_dealer)s::text IS NOT NULL AND l.dealer_id = %(own_dealer)s::text)
           OR (%(own_unit)s::text IS NOT NULL AND l.units @> ARRAY[%(own_unit)s::text])
           OR l.region = %(own_region)s::text
           OR (%(unassigned)s AND l.unassigned))
), buckets (bucket) AS (  -- from one to the next by the index, however many leases each has
    SELECT min(l.bucket) FROM views.lease_desk l WHERE l.bucket IS NOT NULL
    UNION ALL
    SELECT (SELECT min(l.bucket) FROM views.lease_desk l WHERE l.bucket > b.bucket)
    FROM buckets b WHERE b.bucket IS NOT NULL
), statuses AS (
    SELECT string_agg('{"status":' || to_json(s.status)::text || ',"count":'
                      || least(n.leases, %(count)s) || ',"more":' || (n.leases > %(count)s)::text
                      || '}', ',' ORDER BY s.place) AS items
    FROM unnest(%(statuses)b::text[]) WITH ORDINALITY AS s(status, place)
    CROSS JOIN LATERAL (
        SELECT count(*) AS leases FROM (
            SELECT 1 FROM mine m WHERE m.status = s.status AND m.is_open
            LIMIT %(count)s + 1) x) n
    WHERE n.leases > 0
), waiting AS (
    SELECT string_agg(c.summary, ',' ORDER BY w.position) AS items
    FROM (SELECT o.stream, o.position
          FROM unnest(%(applications)b::text[]) AS s(status)
          CROSS JOIN LATERAL (SELECT m.stream, m.position FROM mine m WHERE m.status = s.status
                              ORDER BY m.position LIMIT %(items)s) o
          ORDER BY o.position LIMIT %(items)s) w
    JOIN views.cases c ON c.stream = w.stream
), papers AS (
    SELECT (SELECT count(*) FROM (SELECT 1 FROM mine m WHERE m.papers > 0
                                  LIMIT %(count)s + 1) x) AS leases,
           (SELECT string_agg(c.summary, ',' ORDER BY p.position)
            FROM (SELECT m.stream, m.position FROM mine m WHERE m.papers > 0
                  ORDER BY m.position LIMIT %(items)s) p
            JOIN views.cases c ON c.stream = p.stream) AS items
), arrears AS (
    SELECT (SELECT string_agg('{"bucket":' || to_json(b.bucket)::text || ',"count":'
                              || least(n.leases, %(count)s) || ',"more":'
                              || (n.leases > %(count)s)::text || ',"oldest_unpaid_due_on":'
                              || coalesce(to_json(o.overdue_on)::text, 'null') || '}', ','
                              ORDER BY o.overdue_on DESC, b.bucket)
            FROM buckets b
            CROSS JOIN LATERAL (SELECT count(*) AS leases FROM (
                SELECT 1 FROM mine m WHERE m.bucket = b.bucket LIMIT %(count)s + 1) x) n
            CROSS JOIN LATERAL (SELECT m.overdue_on FROM mine m WHERE m.bucket = b.bucket
                                ORDER BY m.overdue_on LIMIT 1) o) AS by_bucket,
           (SELECT string_agg(c.summary, ',' ORDER BY a.overdue_on, a.stream)
            FROM (SELECT o.stream, o.overdue_on
                  FROM buckets b
                  CROSS JOIN LATERAL (SELECT m.stream, m.overdue_on FROM mine m
                                      WHERE m.bucket = b.bucket
                                      ORDER BY m.overdue_on, m.stream LIMIT %(items)s) o
                  ORDER BY o.overdue_on, o.stream LIMIT %(items)s) a
            JOIN views.cases c ON c.stream = a.stream) AS items
), guarantees AS (
    SELECT (SELECT count(*) FROM (SELECT 1 FROM mine m WHERE m.guarantees > 0 AND m.is_open
                                  LIMIT %(count)s + 1) x) AS held,
           (SELECT count(*) FROM (SELECT 1 FROM mine m WHERE m.guarantees > 0 AND NOT m.is_open
                                  LIMIT %(count)s + 1) x) AS to_return,
           (SELECT string_agg(c.summary, ',' ORDER BY g.is_open, g.position)
            FROM (SELECT m.stream, m.is_open, m.position FROM mine m WHERE m.guarantees > 0
                  ORDER BY m.is_open, m.position LIMIT %(items)s) g
            JOIN views.cases c ON c.stream = g.stream) AS items
)
SELECT t.position,
       convert_to(
           '{"applications":{"by_status":[' || coalesce(statuses.items, '')
           || '],"items":[' || coalesce(waiting.items, '')
           || ']},"papers":{"to_verify":{"count":' || least(papers.leases, %(count)s)
           || ',"more":' || (papers.leases > %(count)s)::text
           || '},"items":[' || coalesce(papers.items, '')
           || ']},"arrears":{"by_bucket":[' || coalesce(arrears.by_bucket, '')
           || '],"items":[' || coalesce(arrears.items, '')
           || ']},"guarantees":{"held":{"count":' || least(guarantees.held, %(count)s)
           || ',"more":' || (guarantees.held > %(count)s)::text
           || '},"to_return":{"count":' || least(guarantees.to_return, %(count)s)
           || ',"more":' || (guarantees.to_return > %(count)s)::text
           || '},"items":[' || coalesce(guarantees.items, '') || ']}}', 'UTF8')
FROM (SELECT position FROM views.tracking WHERE view = 'case_documents') t
CROSS JOIN statuses CROSS JOIN waiting CROSS JOIN papers CROSS JOIN arrears CROSS JOIN guarantees;
