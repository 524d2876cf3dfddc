"""What the database itself keeps: row security, residents where their household is, exactly one head."""

from django.db import migrations

from boai.kernel.operations import RowSecurity

TABLES = (
    "registry_household",
    "registry_resident",
    "registry_categoryentry",
    "registry_intake",
    "registry_finding",
    "registry_stagedrow",
    "registry_stagedhousehold",
    "registry_stagedplace",
    "registry_stagedcategory",
)

SAME_PLACE = """
ALTER TABLE registry_resident ADD CONSTRAINT registry_resident_of_household
    FOREIGN KEY (household_id, region_code) REFERENCES registry_household (id, region_code) ON UPDATE CASCADE;
ALTER TABLE registry_categoryentry ADD CONSTRAINT registry_category_of_resident
    FOREIGN KEY (resident_id, region_code) REFERENCES registry_resident (id, region_code) ON UPDATE CASCADE;
"""
SAME_PLACE_BACK = """
ALTER TABLE registry_categoryentry DROP CONSTRAINT registry_category_of_resident;
ALTER TABLE registry_resident DROP CONSTRAINT registry_resident_of_household;
"""

# Asked when the transaction ends, so that a head can be changed within it. At most one head is a unique index; this is
# at least one. Inserting a resident can't take a head away, so nothing fires for the many rows of an intake but once
# per household. The function sees every row whatever the scope: it runs as its owner.
ONE_HEAD = """
CREATE FUNCTION registry_check_head() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE which uuid;
BEGIN
    IF TG_TABLE_NAME = 'registry_household' THEN which := NEW.id; ELSE which := OLD.household_id; END IF;
    IF EXISTS (SELECT FROM registry_household WHERE id = which AND ended_on IS NULL)
       AND NOT EXISTS (SELECT FROM registry_resident
                       WHERE household_id = which AND relation = 'head' AND ended_on IS NULL) THEN
        RAISE EXCEPTION 'household % has no head', which
            USING ERRCODE = 'check_violation', CONSTRAINT = 'registry_has_a_head';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER registry_household_head AFTER INSERT OR UPDATE OF ended_on ON registry_household
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION registry_check_head();
CREATE CONSTRAINT TRIGGER registry_resident_head
    AFTER UPDATE OF relation, household_id, ended_on OR DELETE ON registry_resident
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION registry_check_head();
"""
ONE_HEAD_BACK = """
DROP TRIGGER registry_resident_head ON registry_resident;
DROP TRIGGER registry_household_head ON registry_household;
DROP FUNCTION registry_check_head();
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial"), ("kernel", "0001_roles")]
    operations = [
        *(RowSecurity(table) for table in TABLES),
        migrations.RunSQL(SAME_PLACE, SAME_PLACE_BACK),
        migrations.RunSQL(ONE_HEAD, ONE_HEAD_BACK),
    ]
