-- The casebook: one insert-only log, its claims, idempotent answers and subject keys.
--
-- Three group roles hold the privileges; logins (or SET ROLE) take one of them each:
--   parvandeh_writer  selects in casebook and appends by casebook.append, in no other way
--   parvandeh_views   selects events and keys, owns what it makes in views
--   parvandeh_reader  selects in views

DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['parvandeh_writer', 'parvandeh_views', 'parvandeh_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- another database of this cluster was migrated at the same moment
            END;
        END IF;
        IF NOT pg_has_role(current_user, wanted, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
        END IF;
    END LOOP;
END
$$;

CREATE SCHEMA IF NOT EXISTS casebook;
CREATE SCHEMA IF NOT EXISTS views;

-- position = notification_id: gapless, in commit order (casebook.append holds one lock)
CREATE TABLE casebook.events (
    notification_id    bigint      PRIMARY KEY,
    originator_id      uuid        NOT NULL,
    originator_version integer     NOT NULL CHECK (originator_version > 0),
    topic              text        NOT NULL,
    state              bytea       NOT NULL,
    event_id           uuid        NOT NULL,
    recorded_at        timestamptz NOT NULL,
    actor              text        NOT NULL,
    role               text        NOT NULL,
    reason             text,
    correlation_id     uuid,
    causation_id       uuid,
    subject_id         uuid,
    leaf_hash          bytea       NOT NULL,
    UNIQUE (originator_id, originator_version)
);
CREATE INDEX events_rulebook ON casebook.events (notification_id)
    WHERE topic = 'rulebook.published';

-- the stored names that occur in the log, so that start-up can check that each can be read
CREATE TABLE casebook.topics (topic text PRIMARY KEY);

-- who holds an identifier: the newest row of (kind, value_hash) says; insert-only like the log
CREATE TABLE casebook.claims (
    kind          text    NOT NULL,
    value_hash    bytea   NOT NULL,
    position      bigint  NOT NULL,
    originator_id uuid    NOT NULL,
    held          boolean NOT NULL,
    PRIMARY KEY (kind, value_hash, position, originator_id)
);

-- the answer to a request that carried an Idempotency-Key; scope_hash = keyed hash of actor, route, key
CREATE TABLE casebook.idempotency (
    scope_hash    bytea       PRIMARY KEY,
    body_mac      bytea       NOT NULL,
    originator_id uuid        NOT NULL,
    version       integer     NOT NULL,
    position      bigint      NOT NULL,
    created       boolean     NOT NULL,
    recorded_at   timestamptz NOT NULL
);
CREATE INDEX idempotency_recorded_at ON casebook.idempotency (recorded_at);

-- a person's key, wrapped by the master key; destroying the row erases the person
CREATE TABLE casebook.subject_keys (
    subject_id uuid  PRIMARY KEY,
    wrapped    bytea NOT NULL
);

CREATE VIEW casebook.casebook_log AS
SELECT notification_id AS position, originator_id AS stream, originator_version AS version, topic,
       convert_from(state, 'UTF8')::jsonb AS body, event_id, recorded_at, actor, role, reason,
       correlation_id, causation_id, subject_id, encode(leaf_hash, 'hex') AS leaf_hash
FROM casebook.events;

-- a tripwire, not a wall: an owner can disable it, and the leaf hashes would show it
CREATE FUNCTION casebook.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %.% is refused: the log is never changed',
        TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER events_are_never_changed
    BEFORE UPDATE OR DELETE OR TRUNCATE ON casebook.events
    FOR EACH STATEMENT EXECUTE FUNCTION casebook.refuse_change();
CREATE TRIGGER claims_are_never_changed
    BEFORE UPDATE OR DELETE OR TRUNCATE ON casebook.claims
    FOR EACH STATEMENT EXECUTE FUNCTION casebook.refuse_change();

-- one field of the canonical row encoding: 4-byte big-endian length (-1 for null), then the bytes
CREATE FUNCTION casebook.leaf_field(bytes bytea) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT coalesce(int4send(length(bytes)) || bytes, int4send(-1)) $$;

-- SHA-256 over 0x00 and every column of the row in the table's order; recorded_at in microseconds
CREATE FUNCTION casebook.leaf_hash(
    notification_id bigint, originator_id uuid, originator_version integer, topic text, state bytea,
    event_id uuid, recorded_at timestamptz, actor text, role text, reason text,
    correlation_id uuid, causation_id uuid, subject_id uuid
) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$
    SELECT sha256(
        '\x00'::bytea
        || '\x00000008'::bytea || int8send(notification_id)
        || '\x00000010'::bytea || uuid_send(originator_id)
        || '\x00000004'::bytea || int4send(originator_version)
        || casebook.leaf_field(convert_to(topic, 'UTF8'))
        || casebook.leaf_field(state)
        || '\x00000010'::bytea || uuid_send(event_id)
        || '\x00000008'::bytea
        || int8send((extract(epoch FROM recorded_at) * 1000000)::bigint)
        || casebook.leaf_field(convert_to(actor, 'UTF8'))
        || casebook.leaf_field(convert_to(role, 'UTF8'))
        || casebook.leaf_field(convert_to(reason, 'UTF8'))
        || casebook.leaf_field(uuid_send(correlation_id))
        || casebook.leaf_field(uuid_send(causation_id))
        || casebook.leaf_field(uuid_send(subject_id))
    )
$$;

-- Append a group of members (each all or nothing) under the one append lock.
--
-- A member loses, alone, when a version it builds on (of a case it appends to, or of one that it only
-- looked at: x_…) is not the newest ('version'), a claim is held elsewhere ('claim'), a key of a subject was made by somebody else ('key'), the rules it was
-- decided by are no longer the newest ('rules'), or its request was answered before ('replayed').
-- It runs with its owner's rights: the writer's role can append by it, and in no other way.
-- The caller sees to it that no two members of one call touch the same stream, claim, key or request.
CREATE FUNCTION casebook.append(
    e_member integer[], e_stream uuid[], e_version integer[], e_topic text[], e_state bytea[],
    e_event_id uuid[], e_actor text[], e_role text[], e_reason text[], e_correlation uuid[],
    e_causation uuid[], e_subject uuid[],
    x_member integer[], x_stream uuid[], x_version integer[],
    r_member integer[], r_position bigint[],
    c_member integer[], c_kind text[], c_hash bytea[], c_stream uuid[], c_held boolean[],
    k_member integer[], k_subject uuid[], k_wrapped bytea[],
    i_member integer[], i_scope bytea[], i_body bytea[], i_stream uuid[], i_version integer[],
    i_created boolean[],
    new_topics text[]
) RETURNS TABLE (
    member integer, outcome text, detail text, first_position bigint, last_position bigint,
    at timestamptz, answer_stream uuid, answer_version integer, answer_position bigint,
    answer_created boolean, answer_body bytea
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    head bigint;
    now_at timestamptz;
    rules_head bigint;
    lost integer[] := '{}';
BEGIN
    PERFORM pg_advisory_xact_lock(7305161301);

    SELECT e.notification_id, greatest(clock_timestamp(), e.recorded_at) INTO head, now_at
    FROM casebook.events e ORDER BY e.notification_id DESC LIMIT 1;
    IF head IS NULL THEN
        head := 0;
        now_at := clock_timestamp();
    END IF;

    IF cardinality(i_member) > 0 THEN
        FOR member, answer_stream, answer_version, answer_position, answer_created, answer_body IN
            SELECT w.m, i.originator_id, i.version, i.position, i.created, i.body_mac
            FROM unnest(i_member, i_scope) AS w(m, scope)
            JOIN casebook.idempotency i ON i.scope_hash = w.scope
        LOOP
            outcome := 'replayed';
            lost := lost || member;
            RETURN NEXT;
        END LOOP;
        answer_stream := NULL; answer_version := NULL; answer_position := NULL;
        answer_created := NULL; answer_body := NULL;
    END IF;

    FOR member IN
        SELECT DISTINCT w.m
        FROM (
            SELECT u.m, u.s, min(u.v) - 1 AS version
            FROM unnest(e_member, e_stream, e_version) AS u(m, s, v) GROUP BY u.m, u.s
            UNION ALL
            SELECT x.m, x.s, x.v FROM unnest(x_member, x_stream, x_version) AS x(m, s, v)
        ) w
        WHERE w.version <> coalesce(
            (SELECT e.originator_version FROM casebook.events e WHERE e.originator_id = w.s
             ORDER BY e.originator_version DESC LIMIT 1), 0)
          AND w.m <> ALL (lost)
    LOOP
        outcome := 'version';
        lost := lost || member;
        RETURN NEXT;
    END LOOP;

    IF cardinality(r_member) > 0 THEN
        SELECT max(e.notification_id) INTO rules_head
        FROM casebook.events e WHERE e.topic = 'rulebook.published';
        FOR member IN
            SELECT w.m FROM unnest(r_member, r_position) AS w(m, p)
            WHERE w.p <> coalesce(rules_head, 0) AND w.m <> ALL (lost)
        LOOP
            outcome := 'rules';
            lost := lost || member;
            RETURN NEXT;
        END LOOP;
    END IF;

    IF cardinality(k_member) > 0 THEN
        FOR member IN
            SELECT DISTINCT w.m FROM unnest(k_member, k_subject) AS w(m, s)
            JOIN casebook.subject_keys k ON k.subject_id = w.s
            WHERE w.m <> ALL (lost)
        LOOP
            outcome := 'key';
            lost := lost || member;
            RETURN NEXT;
        END LOOP;
    END IF;

    IF cardinality(c_member) > 0 THEN
        FOR member, detail IN
            SELECT DISTINCT ON (w.m) w.m, w.kind
            FROM unnest(c_member, c_kind, c_hash, c_stream, c_held) AS w(m, kind, hash, s, held)
            CROSS JOIN LATERAL (
                SELECT c.originator_id, c.held FROM casebook.claims c
                WHERE c.kind = w.kind AND c.value_hash = w.hash
                ORDER BY c.position DESC, c.held DESC LIMIT 1) newest
            WHERE w.held AND newest.held AND newest.originator_id <> w.s AND w.m <> ALL (lost)
              AND NOT EXISTS (
                SELECT FROM unnest(c_member, c_kind, c_hash, c_stream, c_held)
                    AS g(m, kind, hash, s, held)
                WHERE g.m = w.m AND g.kind = w.kind AND g.hash = w.hash AND NOT g.held
                  AND g.s = newest.originator_id)
        LOOP
            outcome := 'claim';
            lost := lost || member;
            RETURN NEXT;
        END LOOP;
        detail := NULL;
    END IF;

    INSERT INTO casebook.events (
        notification_id, originator_id, originator_version, topic, state, event_id, recorded_at,
        actor, role, reason, correlation_id, causation_id, subject_id, leaf_hash)
    SELECT n.position, n.s, n.v, n.topic, n.state, n.event_id, now_at,
           n.actor, n.role, n.reason, n.correlation, n.causation, n.subject,
           casebook.leaf_hash(n.position, n.s, n.v, n.topic, n.state, n.event_id, now_at, n.actor,
                              n.role, n.reason, n.correlation, n.causation, n.subject)
    FROM (
        SELECT head + row_number() OVER (ORDER BY u.ord) AS position, u.*
        FROM unnest(e_member, e_stream, e_version, e_topic, e_state, e_event_id, e_actor, e_role,
                    e_reason, e_correlation, e_causation, e_subject)
            WITH ORDINALITY AS u(m, s, v, topic, state, event_id, actor, role, reason,
                                 correlation, causation, subject, ord)
        WHERE u.m <> ALL (lost)
    ) n;

    IF cardinality(k_member) > 0 THEN
        INSERT INTO casebook.subject_keys (subject_id, wrapped)
        SELECT w.s, w.wrapped FROM unnest(k_member, k_subject, k_wrapped) AS w(m, s, wrapped)
        WHERE w.m <> ALL (lost);
    END IF;
    IF cardinality(new_topics) > 0 THEN
        INSERT INTO casebook.topics (topic) SELECT unnest(new_topics) ON CONFLICT DO NOTHING;
    END IF;

    at := now_at;
    outcome := 'recorded';
    FOR member, first_position, last_position IN
        WITH taken AS (
            SELECT u.m, head + row_number() OVER (ORDER BY u.ord) AS p
            FROM unnest(e_member) WITH ORDINALITY AS u(m, ord) WHERE u.m <> ALL (lost)
        ), members AS (
            SELECT DISTINCT w.m FROM unnest(e_member || i_member) AS w(m) WHERE w.m <> ALL (lost)
        )
        SELECT m.m, coalesce(min(t.p), head), coalesce(max(t.p), head)
        FROM members m LEFT JOIN taken t ON t.m = m.m GROUP BY m.m
    LOOP
        IF cardinality(c_member) > 0 THEN
            INSERT INTO casebook.claims (kind, value_hash, position, originator_id, held)
            SELECT w.kind, w.hash, last_position, w.s, w.held
            FROM unnest(c_member, c_kind, c_hash, c_stream, c_held) AS w(m, kind, hash, s, held)
            WHERE w.m = member AND (w.held OR w.s = (
                SELECT c.originator_id FROM casebook.claims c
                WHERE c.kind = w.kind AND c.value_hash = w.hash
                ORDER BY c.position DESC, c.held DESC LIMIT 1));  -- only a holder gives back
        END IF;
        IF cardinality(i_member) > 0 THEN
            INSERT INTO casebook.idempotency (
                scope_hash, body_mac, originator_id, version, position, created, recorded_at)
            SELECT w.scope, w.body, w.s, w.v, last_position, w.created, now_at
            FROM unnest(i_member, i_scope, i_body, i_stream, i_version, i_created)
                AS w(m, scope, body, s, v, created)
            WHERE w.m = member;
        END IF;
        RETURN NEXT;
        head := greatest(head, 0);
    END LOOP;

    IF EXISTS (SELECT FROM unnest(e_member) AS w(m) WHERE w.m <> ALL (lost)) THEN
        PERFORM pg_notify('casebook', '');
    END IF;
END
$$;

GRANT USAGE ON SCHEMA casebook TO parvandeh_writer, parvandeh_views;
GRANT SELECT ON casebook.events, casebook.claims, casebook.idempotency, casebook.subject_keys,
    casebook.topics, casebook.casebook_log TO parvandeh_writer;
GRANT INSERT ON casebook.subject_keys TO parvandeh_writer;
GRANT SELECT ON casebook.events, casebook.subject_keys, casebook.topics TO parvandeh_views;
GRANT USAGE, CREATE ON SCHEMA views TO parvandeh_views;
GRANT USAGE ON SCHEMA views TO parvandeh_reader, parvandeh_writer;
ALTER DEFAULT PRIVILEGES FOR ROLE parvandeh_views IN SCHEMA views
    GRANT SELECT ON TABLES TO parvandeh_reader, parvandeh_writer;
REVOKE ALL ON FUNCTION casebook.append FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casebook.append TO parvandeh_writer;
