How the sagas' timers stand, for health checks and metrics.

-- activate --
-- A saga acts from where the log is when it is first heard of; what is older it only folds.
INSERT INTO sagas.activations (saga, active_from)
SELECT w.saga, (SELECT coalesce(max(e.notification_id), 0) FROM casebook.events e)
FROM unnest(%(sagas)s::text[]) AS w(saga)
ON CONFLICT (saga) DO NOTHING;

-- stand --
INSERT INTO sagas.standing AS s (saga, due, overdue, oldest_due_at, looked_at)
VALUES (%(saga)s, %(due)s, %(overdue)s, %(oldest_due_at)s, %(looked_at)s)
ON CONFLICT (saga) DO UPDATE
SET due = excluded.due, overdue = excluded.overdue, oldest_due_at = excluded.oldest_due_at,
    looked_at = excluded.looked_at
WHERE s.looked_at < excluded.looked_at;

-- count --
INSERT INTO sagas.counted AS c (saga, what, lane, up_to_s, n, sum_s)
SELECT u.saga, u.what, u.lane, u.up_to_s, u.n, u.sum_s
FROM unnest(%(saga)s::text[], %(what)s::text[], %(lane)s::smallint[],
            %(up_to_s)s::double precision[], %(n)s::bigint[], %(sum_s)s::double precision[])
    AS u(saga, what, lane, up_to_s, n, sum_s)
ORDER BY u.saga, u.what, u.lane, u.up_to_s
ON CONFLICT (saga, what, lane, up_to_s) DO UPDATE
SET n = c.n + excluded.n, sum_s = c.sum_s + excluded.sum_s;

-- standing --
SELECT s.saga, s.due, s.overdue, s.oldest_due_at, s.looked_at FROM sagas.standing s ORDER BY s.saga;

-- counted --
SELECT c.saga, c.what, c.lane, c.up_to_s, c.n, c.sum_s FROM sagas.counted c
ORDER BY c.saga, c.what, c.lane, c.up_to_s;
