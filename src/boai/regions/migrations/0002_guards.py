"""One index that Django makes and nobody needs: in collation C the primary key already serves LIKE."""

from django.db import migrations

DROP = """
DO $$
DECLARE found text;
BEGIN
    FOR found IN SELECT indexname FROM pg_indexes
                 WHERE tablename = 'regions_division' AND indexname LIKE 'regions\\_division\\_code\\_%\\_like' LOOP
        EXECUTE format('DROP INDEX %I', found);
    END LOOP;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("regions", "0001_initial")]
    operations = [migrations.RunSQL(DROP, migrations.RunSQL.noop)]
