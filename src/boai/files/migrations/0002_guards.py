"""A stored file is seen inside its division only, never deleted, and changed once: when it is erased."""

from django.db import migrations

from boai.kernel.operations import RowSecurity

GUARD = """
CREATE FUNCTION files_storedfile_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.erased_at IS NOT NULL OR NEW.erased_at IS NULL
       OR (NEW.id, NEW.region_code, NEW.purpose, NEW.media_type, NEW.size, NEW.sha256, NEW.created_at)
          IS DISTINCT FROM (OLD.id, OLD.region_code, OLD.purpose, OLD.media_type, OLD.size, OLD.sha256, OLD.created_at)
       OR (NEW.created_by_id, NEW.width, NEW.height) IS DISTINCT FROM (OLD.created_by_id, OLD.width, OLD.height) THEN
        RAISE EXCEPTION 'a stored file can only be erased, once, never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER files_storedfile_guard BEFORE UPDATE ON files_storedfile
    FOR EACH ROW EXECUTE FUNCTION files_storedfile_guard();
CREATE TRIGGER files_storedfile_keep BEFORE DELETE OR TRUNCATE ON files_storedfile
    FOR EACH STATEMENT EXECUTE FUNCTION boai_refuse_change();
REVOKE DELETE, TRUNCATE ON files_storedfile FROM boai_app;
"""

BACK = """
DROP TRIGGER files_storedfile_keep ON files_storedfile;
DROP TRIGGER files_storedfile_guard ON files_storedfile;
DROP FUNCTION files_storedfile_guard();
GRANT DELETE ON files_storedfile TO boai_app;
"""


class Migration(migrations.Migration):
    dependencies = [("files", "0001_initial"), ("kernel", "0001_roles")]
    operations = [RowSecurity("files_storedfile"), migrations.RunSQL(GUARD, BACK)]
