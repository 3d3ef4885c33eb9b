-- What the sagas' timers need beside their instances. The instances themselves are views
-- (views.saga_<name>), folded from the log alone; what stands here is about who executes what now,
-- so a rebuild leaves it as it is.

CREATE SCHEMA sagas;

-- An instance that somebody executes, or that waits before it is tried again. The fold of an event
-- of the instance removes the row: the world moved on.
CREATE TABLE sagas.leases (
    saga     text        NOT NULL,
    key      uuid        NOT NULL,
    until_at timestamptz NOT NULL,
    tries    integer     NOT NULL,
    outcome  text,                  -- of the last try; null while it is being executed
    PRIMARY KEY (saga, key)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- Since which position a saga acts; what lies before it is folded and answered by nothing.
CREATE TABLE sagas.activations (
    saga        text   PRIMARY KEY,
    active_from bigint NOT NULL
);

-- The last occurrence of every nightly job, so that of several processes one runs it.
CREATE TABLE sagas.jobs (
    job         text        PRIMARY KEY,
    occurrence  text        NOT NULL,
    started_at  timestamptz NOT NULL,
    ended_at    timestamptz
);

-- How many instances are due, as the last process that looked found it.
CREATE TABLE sagas.standing (
    saga          text        PRIMARY KEY,
    due           bigint      NOT NULL,
    overdue       bigint      NOT NULL,
    oldest_due_at timestamptz,
    looked_at     timestamptz NOT NULL
) WITH (fillfactor = 50);

-- What all processes counted: instances fired by their lateness, refused, failed.
CREATE TABLE sagas.counted (
    saga    text             NOT NULL,
    what    text             NOT NULL,
    lane    smallint         NOT NULL,
    up_to_s double precision NOT NULL,
    n       bigint           NOT NULL,
    sum_s   double precision NOT NULL,
    PRIMARY KEY (saga, what, lane, up_to_s)
) WITH (fillfactor = 50);

GRANT USAGE ON SCHEMA sagas TO parvandeh_views, parvandeh_writer, parvandeh_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA sagas TO parvandeh_views;
GRANT SELECT ON ALL TABLES IN SCHEMA sagas TO parvandeh_writer, parvandeh_reader;
