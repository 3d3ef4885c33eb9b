The list of purchase orders: conditions of its own. Days are compared as they are written (ISO 8601),
which is their order.

-- by_scheme --
c.kind = %(scheme)s

-- by_stage --
c.summary::jsonb ->> 'stage' = %(stage)s

-- by_model --
c.summary::jsonb ->> 'model' = %(model)s

-- by_draw --
c.summary::jsonb ->> 'draw_id' = %(draw)s

-- by_lease --
c.summary::jsonb ->> 'lease_id' = %(lease)s

-- by_refundable --
((c.summary::jsonb ->> 'refundable_minor')::bigint > 0) = %(refundable)s

-- by_promised_before_on --
c.summary::jsonb ->> 'promised_on' < %(promised_before_on)s
