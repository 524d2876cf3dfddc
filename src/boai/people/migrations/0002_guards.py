"""The staff directory is hidden from connections on which nobody has signed in."""

from django.db import migrations

SEEN_BY_STAFF = "coalesce((SELECT current_setting('boai.user', true)), '') <> ''"


def staff_only(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY {table}_staff ON {table} TO boai_app USING ({SEEN_BY_STAFF}) WITH CHECK ({SEEN_BY_STAFF})",
        ],
        [f"DROP POLICY {table}_staff ON {table}", f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"],
    )


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial"), ("kernel", "0001_roles")]
    operations = [staff_only("people_user"), staff_only("people_invitation")]
