What the sagas of draws read of the view of entries.

-- standing --
SELECT d.closed_position, d.result, d.models FROM views.draws d WHERE d.draw_id = %(draw)s;

-- piece --
SELECT p.number, p.kinds, convert_to(p.lines, 'UTF8')
FROM views.draw_pieces p
WHERE p.draw_id = %(draw)s AND p.number > %(beyond)s
ORDER BY p.number LIMIT 1;

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
