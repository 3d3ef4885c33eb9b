-- What a migration needs before it can run.

-- roles --
-- Make the three roles, and take them as the pools and migration 0001 do. From PostgreSQL 16 on,
-- whoever makes a role without being a superuser is its administrator, but may neither become it
-- nor use what it may; that has to be granted.
DO $$
DECLARE
    wanted text;
    may_take_it boolean;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['parvandeh_writer', 'parvandeh_views', 'parvandeh_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- another database of this cluster was migrated at the same moment
            END;
        END IF;
        IF current_setting('server_version_num')::integer < 160000 THEN
            CONTINUE;  -- there, membership is all of it, and migration 0001 sees to it
        END IF;
        EXECUTE 'SELECT pg_has_role(current_user, $1, ''SET'')'
            ' AND pg_has_role(current_user, $1, ''USAGE'')' INTO may_take_it USING wanted;
        IF NOT may_take_it THEN
            EXECUTE format('GRANT %I TO CURRENT_USER WITH INHERIT TRUE, SET TRUE', wanted);
        END IF;
    END LOOP;
END
$$
