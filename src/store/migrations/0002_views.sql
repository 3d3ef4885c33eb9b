-- Where the views stand. Their own tables are made by the runner, from the .sql beside each view,
-- because read models are dropped and rebuilt, never migrated.

-- a rebuilt view grows here, beside the live one, and moves to "views" when it is complete
CREATE SCHEMA IF NOT EXISTS views_rebuild;

CREATE TABLE views.tracking (
    view        text        PRIMARY KEY,
    position    bigint      NOT NULL DEFAULT 0,
    generation  integer     NOT NULL DEFAULT 1,  -- grows when a rebuilt view takes the place
    revision    integer     NOT NULL,            -- of the definition that made the tables
    shape       text        NOT NULL,            -- hash of the SQL that made the tables
    moved_at    timestamptz NOT NULL DEFAULT now(),
    stuck_at    bigint,                          -- the position that cannot be applied
    stuck_topic text,
    stuck_error text,                            -- the error's class, never its message
    stuck_since timestamptz,
    attempts    integer     NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

GRANT SELECT, INSERT, UPDATE, DELETE ON views.tracking TO parvandeh_views;
GRANT SELECT ON views.tracking TO parvandeh_reader, parvandeh_writer;

GRANT USAGE, CREATE ON SCHEMA views_rebuild TO parvandeh_views;
ALTER DEFAULT PRIVILEGES FOR ROLE parvandeh_views IN SCHEMA views_rebuild
    GRANT SELECT ON TABLES TO parvandeh_reader, parvandeh_writer;
