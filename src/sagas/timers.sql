What timers ask of one saga's instances. `saga_instances` stands for the saga's own table.

-- look --
-- How far the saga is, and in which of these lanes something is due; one index probe per lane.
SELECT t.view, t.position, t.revision, t.shape,
       ARRAY(SELECT l.lane FROM unnest(%(lanes)s::smallint[]) AS l(lane)
             WHERE EXISTS (SELECT FROM views.saga_instances i
                           WHERE i.lane = l.lane AND i.wake_at <= %(now)s))
FROM views.tracking t WHERE t.view = 'saga_instances'

-- head --
SELECT coalesce(max(e.notification_id), 0) FROM casebook.events e

-- claim --
-- The oldest of a lane that are due and nobody executes, for us alone: a row that another process
-- is claiming is passed by, and one that it has claimed meanwhile fails to be inserted. Nothing is
-- claimed of a saga that has not read so far, or whose rows another revision made.
WITH due AS MATERIALIZED (
    SELECT i.key, i.state, i.wake_at
    FROM views.saga_instances i
    WHERE i.lane = %(lane)s AND i.wake_at <= %(now)s
      AND NOT EXISTS (SELECT FROM sagas.leases l
                      WHERE l.saga = %(saga)s AND l.key = i.key AND l.until_at > %(now)s)
      AND EXISTS (SELECT FROM views.tracking t
                  WHERE t.view = 'saga_instances' AND t.position >= %(read_to)s
                    AND t.revision = %(revision)s AND t.shape = %(shape)s)
    ORDER BY i.wake_at
    LIMIT %(at_most)s
    FOR UPDATE OF i SKIP LOCKED
), taken AS (
    INSERT INTO sagas.leases AS l (saga, key, until_at, tries)
    SELECT %(saga)s, d.key, %(until)s, 1 FROM due d
    ON CONFLICT (saga, key) DO UPDATE
    SET until_at = excluded.until_at, tries = l.tries + 1, outcome = NULL
    WHERE l.until_at <= %(now)s
    RETURNING l.key, l.tries
)
SELECT d.key, d.state, d.wake_at, t.tries FROM due d JOIN taken t ON t.key = d.key
ORDER BY d.wake_at;

-- put_off --
-- Tried again later, unless the fold of an event, or another process, was faster.
UPDATE sagas.leases l SET until_at = u.until_at, outcome = u.outcome
FROM unnest(%(key)b::uuid[], %(held_until)b::timestamptz[], %(until)b::timestamptz[],
            %(outcome)s::text[])
    AS u(key, held_until, until_at, outcome)
WHERE l.saga = %(saga)s AND l.key = u.key AND l.until_at = u.held_until;

-- let_go --
DELETE FROM sagas.leases l
USING unnest(%(key)b::uuid[], %(held_until)b::timestamptz[]) AS u(key, held_until)
WHERE l.saga = %(saga)s AND l.key = u.key AND l.until_at = u.held_until;

-- standing --
-- What is due; overdue is not what the log is known to hold already.
SELECT count(*), count(*) FILTER (WHERE i.wake_at <= %(overdue)s AND NOT EXISTS (
           SELECT FROM sagas.leases l
           WHERE l.saga = %(saga)s AND l.key = i.key AND l.outcome = 'already')),
       min(i.wake_at)
FROM views.saga_instances i WHERE i.lane IN (0, 1, 2, 3) AND i.wake_at <= %(now)s;

-- tidy --
-- A lease that expired long ago is of an instance that is due no longer, or is gone.
DELETE FROM sagas.leases l WHERE l.saga = %(saga)s AND l.until_at < %(before)s;
