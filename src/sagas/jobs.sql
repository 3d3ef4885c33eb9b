Nightly jobs: which occurrence ran last.

-- alone --
-- Held as long as the connection lives, whatever is killed.
SELECT pg_try_advisory_lock(hashtextextended(%(job)s, 7305161304));

-- last --
SELECT j.occurrence, j.ended_at IS NOT NULL FROM sagas.jobs j WHERE j.job = %(job)s;

-- skip --
-- A job that is heard of for the first time waits for its next occurrence.
INSERT INTO sagas.jobs (job, occurrence, started_at, ended_at)
VALUES (%(job)s, %(occurrence)s, %(now)s, %(now)s);

-- start --
UPDATE sagas.jobs SET occurrence = %(occurrence)s, started_at = %(now)s, ended_at = NULL
WHERE job = %(job)s;

-- end --
UPDATE sagas.jobs SET ended_at = %(now)s WHERE job = %(job)s;
