The list of complaints: conditions of its own.

-- by_text --
-- A case has one row of words at most, so that the two are joined.
c.stream IN (SELECT s.stream FROM views.search s
             WHERE s.words @@ %(text)s::tsquery AND %(text)s::text <> '')

-- by_priority --
c.priority = %(priority)s
