The list of leases: conditions of its own. Days are compared as they are written (ISO 8601), which is
their order.

-- by_product --
c.kind = %(product)s

-- by_provider --
c.summary::jsonb ->> 'provider' = %(provider)s

-- by_bank --
c.summary::jsonb ->> 'bank' = %(bank)s

-- by_bucket --
c.summary::jsonb ->> 'bucket' = %(bucket)s

-- by_order --
c.about_id = %(order)s

-- by_next_due_before_on --
c.summary::jsonb ->> 'oldest_unpaid_due_on' < %(next_due_before_on)s
