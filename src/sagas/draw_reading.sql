What the sagas of draws read of the view of entries.

-- standing --
SELECT d.closed_position, d.result, d.models FROM views.draws d WHERE d.draw_id = %(draw)s;

-- page_of_leaves --
-- Some thousand entries in one row, which is read many times faster than rows are; models are told
-- by their places among the draw's.
SELECT max(p.position), string_agg(p.kind::text, ',' ORDER BY p.position),
       convert_to(string_agg(p.leaf, E'\n' ORDER BY p.position), 'UTF8')
FROM (SELECT e.position, e.leaf, array_position(%(models)s::text[], e.model) - 1 AS kind
      FROM views.draw_entries e
      WHERE e.draw_id = %(draw)s AND e.counts
        AND e.position > %(beyond)s AND e.position < %(closed)s
      ORDER BY e.position LIMIT %(limit)s) p;

-- turns --
-- Whom to hand outcomes to next: so many places from a turn on, within one piece of the ranking.
SELECT r.model, r.outcome, r.rank + p.ord - 1, e.order_id
FROM views.draw_places r
CROSS JOIN LATERAL unnest(r.positions) WITH ORDINALITY AS p(position, ord)
JOIN views.draw_entries e ON e.draw_id = r.draw_id AND e.position = p.position
WHERE r.draw_id = %(draw)s AND r.turn <= %(turn)s AND r.turn + r.places > %(turn)s
  AND p.ord > %(turn)s - r.turn AND p.ord <= %(turn)s - r.turn + %(limit)s
ORDER BY p.ord;

-- reserves --
-- The places of a model from a rank on, within one piece of the ranking.
SELECT r.model, r.outcome, r.rank + p.ord - 1, e.order_id
FROM views.draw_places r
CROSS JOIN LATERAL unnest(r.positions) WITH ORDINALITY AS p(position, ord)
JOIN views.draw_entries e ON e.draw_id = r.draw_id AND e.position = p.position
WHERE r.draw_id = %(draw)s AND r.model = %(model)s AND r.outcome = 'reserve'
  AND r.rank <= %(rank)s AND r.rank + r.places > %(rank)s
  AND p.ord > %(rank)s - r.rank AND p.ord <= %(rank)s - r.rank + %(limit)s
ORDER BY p.ord;
