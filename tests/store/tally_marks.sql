-- create --
CREATE TABLE marks (position bigint PRIMARY KEY, stream uuid NOT NULL, amount bigint NOT NULL);

-- insert_marks --
INSERT INTO marks (position, stream, amount)
SELECT u.position, u.stream, u.amount
FROM unnest(%(position)b::bigint[], %(stream)s::uuid[], %(amount)s::bigint[])
    AS u(position, stream, amount);
