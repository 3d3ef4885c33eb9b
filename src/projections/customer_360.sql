The 360 degree view of a customer, over the rows of case_documents.

-- fetch --
-- members: this record, and every record that leads to it. A section's newest items are taken per
-- member, each by its index, and then put in one order.
WITH RECURSIVE members (id) AS (
    SELECT %(customer)s::uuid
    UNION
    SELECT c.stream FROM members m
    JOIN views.cases c ON c.customer_id = m.id AND c.category = 'customer'
), counts AS (
    SELECT coalesce(sum(n.total) FILTER (WHERE n.category = 'complaint'), 0) AS complaints,
           coalesce(sum(n.open) FILTER (WHERE n.category = 'complaint'), 0) AS open_complaints,
           coalesce(sum(n.total) FILTER (WHERE n.category = 'vehicle'), 0) AS vehicles
    FROM members m CROSS JOIN LATERAL (  -- per member, or it is planned as a scan of all cases
        SELECT c.category, count(*) AS total, count(*) FILTER (WHERE c.is_open) AS open
        FROM views.cases c
        WHERE c.customer_id = m.id AND c.category <> 'customer' GROUP BY c.category) n
), complaints AS (
    SELECT string_agg(x.shown, ',' ORDER BY x.position DESC) AS items
    FROM (SELECT i.position,
                 CASE WHEN m.id = %(customer)s::uuid THEN i.shown
                      ELSE left(i.shown, -1) || ',"merged_from":"' || m.id || '"}' END AS shown
          FROM members m CROSS JOIN LATERAL (
              SELECT c.position, CASE WHEN %(outside)s THEN c.outline ELSE c.summary END AS shown
              FROM views.cases c WHERE c.customer_id = m.id AND c.category = 'complaint'
              ORDER BY c.position DESC LIMIT %(items)s) i
          ORDER BY i.position DESC LIMIT %(items)s) x
), vehicles AS (
    SELECT string_agg(x.shown, ',' ORDER BY x.position DESC) AS items
    FROM (SELECT i.position, '{"id":"' || i.stream || '",'
                 || CASE WHEN m.id = %(customer)s::uuid THEN ''
                         ELSE '"merged_from":"' || m.id || '",' END
                 || substr(i.summary, 2) AS shown
          FROM members m CROSS JOIN LATERAL (
              SELECT c.position, c.stream, c.summary
              FROM views.cases c WHERE c.customer_id = m.id AND c.category = 'vehicle'
              ORDER BY c.position DESC LIMIT %(items)s) i
          ORDER BY i.position DESC LIMIT %(items)s) x
), recent AS (
    SELECT string_agg('{"case":"' || x.stream || '","category":"' || x.category
                      || CASE WHEN %(outside)s THEN '' ELSE '","topic":"' || x.last_topic END
                      || '","at":"'
                      || to_char(x.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                      || '"}', ',' ORDER BY x.position DESC) AS items
    FROM (SELECT i.position, i.stream, i.category, i.last_topic, i.updated_at
          FROM members m CROSS JOIN (VALUES ('complaint'), ('vehicle'), ('customer')) k(category)
          CROSS JOIN LATERAL (
              SELECT c.position, c.stream, c.category, c.last_topic, c.updated_at
              FROM views.cases c WHERE c.customer_id = m.id AND c.category = k.category
              ORDER BY c.position DESC LIMIT %(items)s) i
          ORDER BY i.position DESC LIMIT %(items)s) x
), merged AS (
    SELECT string_agg('"' || m.id || '"', ',' ORDER BY m.id) AS ids
    FROM members m WHERE m.id <> %(customer)s::uuid
)
SELECT t.position,
       convert_to(
           '{"customer":' || CASE WHEN %(outside)s THEN d.customer_body ELSE d.body END
           || ',"merged":[' || coalesce(merged.ids, '')
           || '],"vehicles":{"total":' || counts.vehicles
           || ',"items":[' || coalesce(vehicles.items, '')
           || ']},"complaints":{"total":' || counts.complaints
           || ',"open":' || counts.open_complaints
           || ',"items":[' || coalesce(complaints.items, '')
           || ']},"recent":[' || coalesce(recent.items, '') || ']}', 'UTF8'),
       d.customer_id
FROM views.tracking t
CROSS JOIN counts CROSS JOIN complaints CROSS JOIN vehicles CROSS JOIN recent CROSS JOIN merged
LEFT JOIN views.case_documents d ON d.stream = %(customer)s::uuid AND d.category = 'customer'
WHERE t.view = 'case_documents';

-- records --
-- This record, and every record that leads to it.
WITH RECURSIVE members (id) AS (
    SELECT %(customer)s::uuid
    UNION
    SELECT c.stream FROM members m
    JOIN views.cases c ON c.customer_id = m.id AND c.category = 'customer'
)
SELECT m.id FROM members m;
