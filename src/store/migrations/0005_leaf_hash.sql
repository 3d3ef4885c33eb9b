-- The leaf hash, planned into the statement that asks for it: the bytes that it covers are the same.
--
-- convert_to is stable, so a function that calls it and says that it is immutable is never inlined:
-- every row of every append ran the function, and the eight calls within, by the executor of SQL
-- functions. And the body is put between two short parts, so that it is copied twice instead of
-- with every part that follows.
CREATE OR REPLACE FUNCTION casebook.leaf_hash(
    notification_id bigint, originator_id uuid, originator_version integer, topic text, state bytea,
    event_id uuid, recorded_at timestamptz, actor text, role text, reason text,
    correlation_id uuid, causation_id uuid, subject_id uuid
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS
$$
    SELECT sha256(
        (
            '\x0000000008'::bytea || int8send(notification_id)
            || '\x00000010'::bytea || uuid_send(originator_id)
            || '\x00000004'::bytea || int4send(originator_version)
            || casebook.leaf_field(convert_to(topic, 'UTF8'))
        )
        || casebook.leaf_field(state)
        || (
            '\x00000010'::bytea || uuid_send(event_id)
            || '\x00000008'::bytea
            || int8send((extract(epoch FROM recorded_at) * 1000000)::bigint)
            || casebook.leaf_field(convert_to(actor, 'UTF8'))
            || casebook.leaf_field(convert_to(role, 'UTF8'))
            || casebook.leaf_field(convert_to(reason, 'UTF8'))
            || casebook.leaf_field(uuid_send(correlation_id))
            || casebook.leaf_field(uuid_send(causation_id))
            || casebook.leaf_field(uuid_send(subject_id))
        )
    )
$$;
