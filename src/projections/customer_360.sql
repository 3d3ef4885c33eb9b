The 360 degree view of a customer, over the rows of case_documents.

-- fetch --
-- members: this record, and every record that leads to it. A section's newest items are taken per
-- member, each by its index, and then put in one order; how many there are in all was counted when
-- they were written. Notices: what staff were told of her cases, or what she was told herself.
-- Sections are made one after the other, in their order, so that their texts are copied once.
WITH RECURSIVE members (id) AS (
    SELECT %(customer)s::uuid
    UNION
    SELECT c.stream FROM members m
    CROSS JOIN LATERAL (SELECT a.stream FROM views.cases a
                        WHERE a.customer_id = m.id AND a.category = 'customer'
                          AND a.customer_id <> a.stream OFFSET 0) c
), written AS (
    SELECT string_agg(
               concat(',"', k.name, '":{"total":', t.total,
                      CASE WHEN k.opens THEN concat(',"open":', t.open) END,
                      ',"items":[', s.items, ']}'), '' ORDER BY k.place) AS sections
    FROM (SELECT v.place, v.name, v.section, v.opens
          FROM (VALUES (1, 'vehicles', 'vehicle', false), (2, 'complaints', 'complaint', true),
                       (3, 'orders', 'order', true), (4, 'leases', 'lease', true),
                       (5, 'loyalty', 'loyalty', true),
                       (6, 'notifications',
                        CASE WHEN %(outside)s THEN 'notification' ELSE 'about' END, false))
              AS v(place, name, section, opens)
          ORDER BY v.place OFFSET 0) k
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(a.total), 0) AS total, coalesce(sum(a.open), 0) AS open
        FROM members m
        CROSS JOIN LATERAL (SELECT b.total, b.open FROM views.customer_tallies b
                            WHERE b.customer_id = m.id AND b.section = k.section OFFSET 0) a) t
    CROSS JOIN LATERAL (
        SELECT string_agg(
                   CASE WHEN x.member = %(customer)s::uuid THEN x.shown
                        ELSE left(x.shown, -1) || ',"merged_from":"' || x.member || '"}' END,
                   ',' ORDER BY x.position DESC) AS items
        FROM (SELECT m.id AS member, i.position, i.shown
              FROM members m
              CROSS JOIN LATERAL (
                  (SELECT c.position, CASE WHEN %(outside)s THEN c.outline ELSE c.summary END
                       AS shown
                   FROM views.cases c WHERE c.customer_id = m.id AND c.category = k.section
                   ORDER BY c.position DESC LIMIT %(items)s)
                  UNION ALL
                  (SELECT c.position, c.summary
                   FROM views.cases c WHERE c.about_customer_id = m.id AND k.section = 'about'
                   ORDER BY c.position DESC LIMIT %(items)s)) i
              ORDER BY i.position DESC LIMIT %(items)s) x) s
), recent AS (
    SELECT string_agg('{"case":"' || x.stream || '","category":"' || x.section
                      || CASE WHEN %(outside)s THEN '' ELSE '","topic":"' || x.last_topic END
                      || '","at":"'
                      || to_char(x.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                      || '"}', ',' ORDER BY x.position DESC) AS items
    FROM (SELECT i.position, i.stream, i.section, i.last_topic, i.updated_at
          FROM members m
          CROSS JOIN LATERAL (
              SELECT c.position, c.stream, c.category AS section, c.last_topic, c.updated_at
              FROM views.cases c
              WHERE c.customer_id = m.id
                AND c.category IN ('complaint', 'vehicle', 'order', 'lease', 'loyalty', 'customer')
              ORDER BY c.position DESC LIMIT %(items)s) i
          ORDER BY i.position DESC LIMIT %(items)s) x
), merged AS (
    SELECT string_agg('"' || m.id || '"', ',' ORDER BY m.id) AS ids
    FROM members m WHERE m.id <> %(customer)s::uuid
)
SELECT t.position,
       CASE WHEN d.stream IS NOT NULL THEN convert_to(
           concat('{"customer":', CASE WHEN %(outside)s THEN d.customer_body ELSE d.body END,
                  ',"merged":[', merged.ids, ']', written.sections,
                  ',"recent":[', recent.items, ']}'), 'UTF8') END,
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
