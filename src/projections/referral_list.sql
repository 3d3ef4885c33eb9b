The list of special cases: conditions of its own. What has no column of its own is read from the
summary: special cases are some hundreds a year, not a million.

-- by_authority --
c.summary::jsonb ->> 'authority' = %(authority)s

-- by_pack --
c.summary::jsonb #>> '{pack,name}' = %(pack)s

-- by_letter_number --
c.summary::jsonb ->> 'letter_number' = %(letter_number)s

-- by_complaint --
c.summary::jsonb ->> 'complaint_id' = %(complaint)s
