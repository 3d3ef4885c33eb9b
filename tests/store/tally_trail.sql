-- create --
CREATE TABLE trail (position bigint PRIMARY KEY, topic text NOT NULL);

-- apply --
INSERT INTO trail (position, topic)
SELECT e.notification_id, e.topic FROM casebook.events e
WHERE e.notification_id > %(after)s AND e.notification_id <= %(up_to)s;
