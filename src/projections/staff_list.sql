The list of staff: conditions of its own. A person's place in it is the position of the newest event
of her record.

-- summary --
'{"id":"' || c.stream || '","version":' || c.version || ',' || substr(c.summary, 2)

-- by_role --
c.summary::jsonb -> 'roles' ? %(role)s::text

-- by_active --
c.is_open = %(active)s
