The list of draws: conditions of its own.

-- by_name --
c.number = %(name)s
