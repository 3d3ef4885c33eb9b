The 360 degree view of a customer, over the rows of case_documents.

-- fetch --
-- members: this record, and every record that leads to it. A section's newest items are taken per
-- member, each by its index, and then put in one order; how many there are in all was counted when
-- they were written. Notices: what staff were told of her cases, or what she was told herself.
WITH RECURSIVE members (id) AS (
    SELECT %(customer)s::uuid
    UNION
    SELECT c.stream FROM members m
    CROSS JOIN LATERAL (SELECT a.stream FROM views.cases a
                        WHERE a.customer_id = m.id AND a.category = 'customer'
                          AND a.customer_id <> a.stream OFFSET 0) c
), tallies AS (
    SELECT t.section, sum(t.total) AS total, sum(t.open) AS open
    FROM members m
    CROSS JOIN LATERAL (SELECT a.section, a.total, a.open FROM views.customer_tallies a
                        WHERE a.customer_id = m.id OFFSET 0) t
    GROUP BY t.section
), found AS (
    SELECT k.section, m.id AS member, i.position, i.stream, i.last_topic, i.updated_at, i.shown
    FROM members m
    CROSS JOIN (VALUES ('complaint'), ('vehicle'), ('order'), ('lease'), ('loyalty'), ('customer'))
        AS k(section)
    CROSS JOIN LATERAL (
        SELECT c.position, c.stream, c.last_topic, c.updated_at,
               CASE WHEN k.section = 'customer' THEN NULL
                    WHEN %(outside)s THEN c.outline ELSE c.summary END AS shown
        FROM views.cases c WHERE c.customer_id = m.id AND c.category = k.section
        ORDER BY c.position DESC LIMIT %(items)s) i
    UNION ALL
    SELECT 'about', m.id, i.position, i.stream, NULL, NULL, i.shown
    FROM members m
    CROSS JOIN LATERAL (
        SELECT c.position, c.stream, c.summary AS shown
        FROM views.cases c WHERE c.about_customer_id = m.id AND NOT %(outside)s
        ORDER BY c.position DESC LIMIT %(items)s) i
    UNION ALL
    SELECT 'notification', m.id, i.position, i.stream, NULL, NULL, i.shown
    FROM members m
    CROSS JOIN LATERAL (
        SELECT c.position, c.stream, c.outline AS shown
        FROM views.cases c
        WHERE c.customer_id = m.id AND c.category = 'notification' AND %(outside)s
        ORDER BY c.position DESC LIMIT %(items)s) i
), placed AS (
    SELECT f.section, f.position, f.stream, f.last_topic, f.updated_at,
           CASE WHEN f.member = %(customer)s::uuid THEN f.shown
                ELSE left(f.shown, -1) || ',"merged_from":"' || f.member || '"}' END AS shown,
           row_number() OVER (PARTITION BY f.section ORDER BY f.position DESC) AS place
    FROM found f
), sections AS (
    SELECT p.section, string_agg(p.shown, ',' ORDER BY p.position DESC) AS items
    FROM placed p WHERE p.place <= %(items)s GROUP BY p.section
), recent AS (
    SELECT string_agg('{"case":"' || x.stream || '","category":"' || x.section
                      || CASE WHEN %(outside)s THEN '' ELSE '","topic":"' || x.last_topic END
                      || '","at":"'
                      || to_char(x.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                      || '"}', ',' ORDER BY x.position DESC) AS items
    FROM (SELECT p.position, p.stream, p.section, p.last_topic, p.updated_at
          FROM placed p WHERE p.last_topic IS NOT NULL
          ORDER BY p.position DESC LIMIT %(items)s) x
), written AS (
    SELECT string_agg(
               ',"' || k.name || '":{"total":' || coalesce(t.total, 0)
               || CASE WHEN k.opens THEN ',"open":' || coalesce(t.open, 0) ELSE '' END
               || ',"items":[' || coalesce(s.items, '') || ']}', '' ORDER BY k.place) AS sections
    FROM (VALUES (1, 'vehicles', 'vehicle', false), (2, 'complaints', 'complaint', true),
                 (3, 'orders', 'order', true), (4, 'leases', 'lease', true),
                 (5, 'loyalty', 'loyalty', true),
                 (6, 'notifications',
                  CASE WHEN %(outside)s THEN 'notification' ELSE 'about' END, false))
        AS k(place, name, section, opens)
    LEFT JOIN sections s ON s.section = k.section
    LEFT JOIN tallies t ON t.section = k.section
), merged AS (
    SELECT string_agg('"' || m.id || '"', ',' ORDER BY m.id) AS ids
    FROM members m WHERE m.id <> %(customer)s::uuid
)
SELECT t.position,
       convert_to(
           '{"customer":' || CASE WHEN %(outside)s THEN d.customer_body ELSE d.body END
           || ',"merged":[' || coalesce(merged.ids, '') || ']' || written.sections
           || ',"recent":[' || coalesce(recent.items, '') || ']}', 'UTF8'),
       d.customer_id
FROM views.tracking t
CROSS JOIN written CROSS JOIN recent CROSS JOIN merged
LEFT JOIN views.case_documents d ON d.stream = %(customer)s::uuid AND d.category = 'customer'
WHERE t.view = 'case_documents';

-- section --
-- A page of one section, newest activity first; always a row, with whose record it is.
WITH RECURSIVE members (id) AS (
    SELECT %(customer)s::uuid
    UNION
    SELECT c.stream FROM members m
    CROSS JOIN LATERAL (SELECT a.stream FROM views.cases a
                        WHERE a.customer_id = m.id AND a.category = 'customer'
                          AND a.customer_id <> a.stream OFFSET 0) c
)
SELECT t.position, d.customer_id, i.position, i.shown
FROM views.tracking t
LEFT JOIN views.case_documents d ON d.stream = %(customer)s::uuid AND d.category = 'customer'
LEFT JOIN LATERAL (
    SELECT x.position,
           CASE WHEN x.member = %(customer)s::uuid THEN x.shown
                ELSE left(x.shown, -1) || ',"merged_from":"' || x.member || '"}' END AS shown
    FROM (
        SELECT m.id AS member, o.position, o.shown
        FROM members m
        CROSS JOIN LATERAL (
            SELECT c.position, CASE WHEN %(outside)s THEN c.outline ELSE c.summary END AS shown
            FROM views.cases c
            WHERE NOT %(about)s AND c.customer_id = m.id AND c.category = %(category)s
              AND (%(before)s::bigint IS NULL OR c.position < %(before)s)
            ORDER BY c.position DESC LIMIT %(limit)s) o
        UNION ALL
        SELECT m.id, o.position, o.shown
        FROM members m
        CROSS JOIN LATERAL (
            SELECT c.position, c.summary AS shown
            FROM views.cases c
            WHERE %(about)s AND c.about_customer_id = m.id
              AND (%(before)s::bigint IS NULL OR c.position < %(before)s)
            ORDER BY c.position DESC LIMIT %(limit)s) o
    ) x
    ORDER BY x.position DESC LIMIT %(limit)s
) i ON true
WHERE t.view = 'case_documents'
ORDER BY i.position DESC;

-- records --
-- This record, and every record that leads to it.
WITH RECURSIVE members (id) AS (
    SELECT %(customer)s::uuid
    UNION
    SELECT c.stream FROM members m
    CROSS JOIN LATERAL (SELECT a.stream FROM views.cases a
                        WHERE a.customer_id = m.id AND a.category = 'customer'
                          AND a.customer_id <> a.stream OFFSET 0) c
)
SELECT m.id FROM members m;
