-- What the nightly check of coverage found. It reads the raw log and trusts no view, so its findings
-- belong to none: they stand here, and a rebuild leaves them as they are.

CREATE TABLE views.coverage_checks (
    checked_at       timestamptz PRIMARY KEY,
    from_position    bigint NOT NULL,  -- looked at from the event after this one
    up_to_position   bigint NOT NULL,
    owed             bigint NOT NULL,  -- events that somebody has to be told of
    told             bigint NOT NULL,
    withheld         bigint NOT NULL,  -- nobody was told, and the reason is recorded
    pending          bigint NOT NULL,  -- too new to be a gap
    gaps             bigint NOT NULL   -- open ones after the check, older ones among them
);

CREATE TABLE views.coverage_gaps (
    event_id    uuid        PRIMARY KEY,
    position    bigint      NOT NULL,
    stream      uuid        NOT NULL,
    topic       text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    found_at    timestamptz NOT NULL,
    closed_at   timestamptz            -- somebody was told after all
);
CREATE INDEX coverage_gaps_open ON views.coverage_gaps (position) WHERE closed_at IS NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON views.coverage_checks, views.coverage_gaps
    TO parvandeh_views;
GRANT SELECT ON views.coverage_checks, views.coverage_gaps TO parvandeh_reader, parvandeh_writer;
