The 360 degree view of a customer, over the rows of case_documents.

-- fetch --
SELECT t.position,
       CASE WHEN d.stream IS NOT NULL THEN convert_to(
           concat('{"customer":', CASE WHEN %(outside)s THEN d.customer_body ELSE d.body END,
                  ',"merged":[', p.merged,
                  '],"vehicles":', coalesce(p.vehicles, '{"total":0,"items":[]}'),
                  ',"complaints":', coalesce(p.complaints, '{"total":0,"open":0,"items":[]}'),
                  ',"orders":', coalesce(p.orders, '{"total":0,"open":0,"items":[]}'),
                  ',"leases":', coalesce(p.leases, '{"total":0,"open":0,"items":[]}'),
                  ',"loyalty":', coalesce(p.loyalty, '{"total":0,"open":0,"items":[]}'),
                  ',"notifications":', coalesce(p.notifications, '{"total":0,"items":[]}'),
                  ',"recent":[', p.recent, ']}'), 'UTF8') END,
       d.customer_id
FROM views.tracking t
LEFT JOIN views.case_documents d ON d.stream = %(customer)s::uuid AND d.category = 'customer'
LEFT JOIN views.customer_pages p ON p.customer_id = %(customer)s::uuid AND p.outside = %(outside)s
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
