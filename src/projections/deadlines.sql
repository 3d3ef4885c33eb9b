Deadlines: the clocks and escalations of every case.

-- create --
-- what reports ask of a case; the clocks' and escalations' rows repeat what they are filtered by
CREATE TABLE deadline_cases (
    stream        uuid    PRIMARY KEY,
    category      text    NOT NULL,
    number        text,
    kind          text,
    priority      text,
    dealer_raised text,
    by_dealer     boolean NOT NULL,
    is_assigned   boolean NOT NULL,
    dealer_given  text,
    region_given  text,
    region_raised text,
    unit          text,
    asked         text    NOT NULL,
    handler       text
);

CREATE TABLE deadlines (
    stream      uuid        NOT NULL,
    n           bigint      NOT NULL,
    clock       text        NOT NULL,
    rule        text        NOT NULL,
    binds       text        NOT NULL,
    urgency     text        NOT NULL,
    ladder      text,
    started_at  timestamptz NOT NULL,
    due_at      timestamptz,
    order_at    timestamptz NOT NULL,  -- the last due instant that was known; orders the board
    state       text        NOT NULL,  -- running, paused, stopped, cancelled
    stopped_at  timestamptz,
    met         boolean,
    warned_at   timestamptz,
    foreseen_at timestamptz,
    expected_at timestamptz,
    breached_at timestamptz,           -- the newest due instant that was missed
    category    text        NOT NULL,
    number      text,
    kind        text,
    priority    text,
    dealer_id   text,
    region      text,
    unit        text,
    units       text[]      NOT NULL,
    unassigned  boolean     NOT NULL,
    handler     text,
    PRIMARY KEY (stream, n)
);

CREATE TABLE escalations (
    stream          uuid        NOT NULL,
    n               bigint      NOT NULL,
    cause           text        NOT NULL,
    clock_n         bigint,
    clock           text,
    rung            bigint      NOT NULL,
    role            text        NOT NULL,
    to_unit         text,
    to_region       text,
    raised_at       timestamptz NOT NULL,
    climbs_at       timestamptz,
    state           text        NOT NULL,  -- open, acknowledged, ended
    acknowledged_at timestamptz,
    acknowledged_by text,
    done_by_at      timestamptz,
    ended_at        timestamptz,
    end_why         text,
    category        text        NOT NULL,
    number          text,
    kind            text,
    priority        text,
    dealer_id       text,
    region          text,
    unit            text,
    units           text[]      NOT NULL,
    unassigned      boolean     NOT NULL,
    handler         text,
    PRIMARY KEY (stream, n)
);

-- index --
-- the board shows what stands, a report what was due in a time: both walk one of these in order
CREATE INDEX deadlines_order ON deadlines (order_at, stream, n);
CREATE INDEX deadlines_standing ON deadlines (order_at, stream, n)
    WHERE state IN ('running', 'paused');
CREATE INDEX deadlines_region ON deadlines (region, order_at, stream, n)
    WHERE region IS NOT NULL;
CREATE INDEX deadlines_dealer ON deadlines (dealer_id, order_at, stream, n)
    WHERE dealer_id IS NOT NULL;
CREATE INDEX deadlines_units ON deadlines USING gin (units);
CREATE INDEX deadlines_breached ON deadlines (breached_at, stream, n)
    WHERE breached_at IS NOT NULL;
CREATE INDEX escalations_raised ON escalations (raised_at, stream, n);
CREATE INDEX escalations_open ON escalations (raised_at, stream, n) WHERE state = 'open';
CREATE INDEX escalations_region ON escalations (region, raised_at, stream, n)
    WHERE region IS NOT NULL;
CREATE INDEX escalations_dealer ON escalations (dealer_id, raised_at, stream, n)
    WHERE dealer_id IS NOT NULL;

-- load_cases --
SELECT stream, category, number, kind, priority, dealer_raised, by_dealer, is_assigned,
       dealer_given, region_given, region_raised, unit, asked, handler
FROM deadline_cases WHERE stream = ANY (%(streams)s);

-- load_clocks --
SELECT stream, n, clock, rule, binds, urgency, ladder, started_at, due_at, order_at, state,
       stopped_at, met, warned_at, foreseen_at, expected_at, breached_at
FROM deadlines WHERE stream = ANY (%(streams)s);

-- load_escalations --
SELECT stream, n, cause, clock_n, clock, rung, role, to_unit, to_region, raised_at, climbs_at, state,
       acknowledged_at, acknowledged_by, done_by_at, ended_at, end_why
FROM escalations WHERE stream = ANY (%(streams)s);

-- upsert_cases --
INSERT INTO deadline_cases (stream, category, number, kind, priority, dealer_raised, by_dealer,
                            is_assigned, dealer_given, region_given, region_raised, unit, asked,
                            handler)
SELECT u.stream, u.category, u.number, u.kind, u.priority, u.dealer_raised, u.by_dealer,
       u.is_assigned, u.dealer_given, u.region_given, u.region_raised, u.unit, u.asked, u.handler
FROM unnest(%(stream)b::uuid[], %(category)b::text[], %(number)b::text[], %(kind)b::text[],
            %(priority)b::text[], %(dealer_raised)b::text[], %(by_dealer)b::boolean[],
            %(is_assigned)b::boolean[], %(dealer_given)b::text[], %(region_given)b::text[],
            %(region_raised)b::text[], %(unit)b::text[], %(asked)b::text[], %(handler)b::text[])
    AS u(stream, category, number, kind, priority, dealer_raised, by_dealer, is_assigned,
         dealer_given, region_given, region_raised, unit, asked, handler)
ON CONFLICT (stream) DO UPDATE
SET number = excluded.number, kind = excluded.kind, priority = excluded.priority,
    dealer_raised = excluded.dealer_raised, by_dealer = excluded.by_dealer,
    is_assigned = excluded.is_assigned, dealer_given = excluded.dealer_given,
    region_given = excluded.region_given, region_raised = excluded.region_raised,
    unit = excluded.unit, asked = excluded.asked, handler = excluded.handler;

-- upsert_clocks --
INSERT INTO deadlines (stream, n, clock, rule, binds, urgency, ladder, started_at, due_at,
                       order_at, state, stopped_at, met, warned_at, foreseen_at, expected_at,
                       breached_at, category, number, kind, priority, dealer_id, region, unit,
                       units, unassigned, handler)
SELECT u.stream, u.n, u.clock, u.rule, u.binds, u.urgency, u.ladder, u.started_at, u.due_at,
       u.order_at, u.state, u.stopped_at, u.met, u.warned_at, u.foreseen_at, u.expected_at,
       u.breached_at, u.category, u.number, u.kind, u.priority, u.dealer_id, u.region, u.unit,
       string_to_array(u.units, E'\x1f'),
       u.dealer_id IS NULL AND u.region IS NULL AND u.units = '', u.handler
FROM unnest(%(stream)b::uuid[], %(n)b::bigint[], %(clock)b::text[], %(rule)b::text[],
            %(binds)b::text[], %(urgency)b::text[], %(ladder)b::text[],
            %(started_at)b::timestamptz[], %(due_at)b::timestamptz[],
            %(order_at)b::timestamptz[], %(state)b::text[], %(stopped_at)b::timestamptz[],
            %(met)b::boolean[], %(warned_at)b::timestamptz[], %(foreseen_at)b::timestamptz[],
            %(expected_at)b::timestamptz[], %(breached_at)b::timestamptz[],
            %(category)b::text[], %(number)b::text[], %(kind)b::text[], %(priority)b::text[],
            %(dealer_id)b::text[], %(region)b::text[], %(unit)b::text[], %(units)b::text[],
            %(handler)b::text[])
    AS u(stream, n, clock, rule, binds, urgency, ladder, started_at, due_at, order_at, state,
         stopped_at, met, warned_at, foreseen_at, expected_at, breached_at, category, number,
         kind, priority, dealer_id, region, unit, units, handler)
ON CONFLICT (stream, n) DO UPDATE
SET clock = excluded.clock, rule = excluded.rule, binds = excluded.binds,
    urgency = excluded.urgency, ladder = excluded.ladder, started_at = excluded.started_at,
    due_at = excluded.due_at, order_at = excluded.order_at, state = excluded.state,
    stopped_at = excluded.stopped_at, met = excluded.met, warned_at = excluded.warned_at,
    foreseen_at = excluded.foreseen_at, expected_at = excluded.expected_at,
    breached_at = excluded.breached_at, number = excluded.number, kind = excluded.kind,
    priority = excluded.priority, dealer_id = excluded.dealer_id, region = excluded.region,
    unit = excluded.unit, units = excluded.units, unassigned = excluded.unassigned,
    handler = excluded.handler;

-- upsert_escalations --
INSERT INTO escalations (stream, n, cause, clock_n, clock, rung, role, to_unit, to_region, raised_at,
                         climbs_at, state, acknowledged_at, acknowledged_by, done_by_at, ended_at,
                         end_why, category, number, kind, priority, dealer_id, region, unit, units,
                         unassigned, handler)
SELECT u.stream, u.n, u.cause, u.clock_n, u.clock, u.rung, u.role, u.to_unit, u.to_region, u.raised_at,
       u.climbs_at, u.state, u.acknowledged_at, u.acknowledged_by, u.done_by_at, u.ended_at,
       u.end_why, u.category, u.number, u.kind, u.priority, u.dealer_id, u.region, u.unit,
       string_to_array(u.units, E'\x1f'),
       u.dealer_id IS NULL AND u.region IS NULL AND u.units = '', u.handler
FROM unnest(%(stream)b::uuid[], %(n)b::bigint[], %(cause)b::text[], %(clock_n)b::bigint[],
            %(clock)b::text[], %(rung)b::bigint[], %(role)b::text[], %(to_unit)b::text[], %(to_region)b::text[],
            %(raised_at)b::timestamptz[], %(climbs_at)b::timestamptz[], %(state)b::text[],
            %(acknowledged_at)b::timestamptz[], %(acknowledged_by)b::text[],
            %(done_by_at)b::timestamptz[], %(ended_at)b::timestamptz[], %(end_why)b::text[],
            %(category)b::text[], %(number)b::text[], %(kind)b::text[], %(priority)b::text[],
            %(dealer_id)b::text[], %(region)b::text[], %(unit)b::text[], %(units)b::text[],
            %(handler)b::text[])
    AS u(stream, n, cause, clock_n, clock, rung, role, to_unit, to_region, raised_at, climbs_at, state,
         acknowledged_at, acknowledged_by, done_by_at, ended_at, end_why, category, number, kind,
         priority, dealer_id, region, unit, units, handler)
ON CONFLICT (stream, n) DO UPDATE
SET cause = excluded.cause, clock_n = excluded.clock_n, clock = excluded.clock, rung = excluded.rung,
    role = excluded.role, to_unit = excluded.to_unit, to_region = excluded.to_region,
    raised_at = excluded.raised_at, climbs_at = excluded.climbs_at, state = excluded.state,
    acknowledged_at = excluded.acknowledged_at, acknowledged_by = excluded.acknowledged_by,
    done_by_at = excluded.done_by_at, ended_at = excluded.ended_at, end_why = excluded.end_why,
    number = excluded.number, kind = excluded.kind, priority = excluded.priority,
    dealer_id = excluded.dealer_id, region = excluded.region, unit = excluded.unit,
    units = excluded.units, unassigned = excluded.unassigned, handler = excluded.handler;
