The list of loyalty ledgers: conditions of its own.

-- by_programme --
c.kind = %(programme)s

-- by_grade --
c.summary::jsonb ->> 'grade' = %(grade)s

-- by_household --
c.summary::jsonb ->> 'household_id' = %(household)s
