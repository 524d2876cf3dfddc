"""The two database roles that work with our tables, and the trigger function that refuses changes.

The roles get LOGIN and a password from the launcher (`boai.launcher.roles`), never from a migration.
"""

from django.db import migrations

ROLES = """
DO $$
DECLARE r text;
BEGIN
    FOREACH r IN ARRAY ARRAY['boai_app', 'boai_log'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', r);
        END IF;
    END LOOP;
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO boai_app, boai_log', current_database());
END $$
"""

GRANTS = """
GRANT USAGE ON SCHEMA public TO boai_app, boai_log;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO boai_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO boai_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO boai_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO boai_app;
"""

REFUSE = """
CREATE OR REPLACE FUNCTION boai_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is append-only: rows are never changed, only added', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(ROLES, migrations.RunSQL.noop),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        migrations.RunSQL(REFUSE, "DROP FUNCTION IF EXISTS boai_refuse_change() CASCADE"),
    ]
