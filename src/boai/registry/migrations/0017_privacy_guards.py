"""Answers stay as they were given, lie where their person lives, and a child's yes is a guardian's."""

from django.db import migrations

from boai.kernel.operations import RowSecurity

TABLES = (
    "registry_consent",
    "registry_retentionrun",
    "registry_retentioncount",
    "registry_retentionproposal",
    "registry_emergency",
    "registry_emergencytag",
)

SAME_PLACE = """
ALTER TABLE registry_consent ADD CONSTRAINT registry_consent_of_resident
    FOREIGN KEY (resident_id, region_code) REFERENCES registry_resident (id, region_code) ON UPDATE CASCADE;
"""
SAME_PLACE_BACK = "ALTER TABLE registry_consent DROP CONSTRAINT registry_consent_of_resident;"

# Sealed columns may be written anew (the key changes, the person is deleted); who said what and when may not.
GUARD = """
CREATE FUNCTION registry_consent_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.resident_id, NEW.purpose, NEW.answer, NEW.text_version, NEW.giver, NEW.way, NEW.said_on)
       IS DISTINCT FROM
       (OLD.id, OLD.resident_id, OLD.purpose, OLD.answer, OLD.text_version, OLD.giver, OLD.way, OLD.said_on)
       OR (NEW.photo_id, NEW.request_id, NEW.recorded_by_id, NEW.recorded_at)
          IS DISTINCT FROM (OLD.photo_id, OLD.request_id, OLD.recorded_by_id, OLD.recorded_at)
       OR OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at
       OR OLD.emptied_at IS NOT NULL AND NEW.emptied_at IS DISTINCT FROM OLD.emptied_at THEN
        RAISE EXCEPTION 'an answer is ended by the next one, never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER registry_consent_guard BEFORE UPDATE ON registry_consent
    FOR EACH ROW EXECUTE FUNCTION registry_consent_guard();
CREATE TRIGGER registry_consent_keep BEFORE DELETE OR TRUNCATE ON registry_consent
    FOR EACH STATEMENT EXECUTE FUNCTION boai_refuse_change();
REVOKE DELETE, TRUNCATE ON registry_consent FROM boai_app;

CREATE FUNCTION registry_consent_of_child() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.answer = 'given' AND NEW.giver <> 'guardian' AND EXISTS (
        SELECT FROM registry_resident r
        WHERE r.id = NEW.resident_id AND r.born_on + interval '14 years' > NEW.said_on) THEN
        RAISE EXCEPTION 'for a person under 14 a guardian consents'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'registry_consent_of_child';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER registry_consent_of_child BEFORE INSERT ON registry_consent
    FOR EACH ROW EXECUTE FUNCTION registry_consent_of_child();
"""
GUARD_BACK = """
DROP TRIGGER registry_consent_of_child ON registry_consent;
DROP FUNCTION registry_consent_of_child();
GRANT DELETE ON registry_consent TO boai_app;
DROP TRIGGER registry_consent_keep ON registry_consent;
DROP TRIGGER registry_consent_guard ON registry_consent;
DROP FUNCTION registry_consent_guard();
"""


# The record of looks stays append-only for everybody but these two doors: after its time a look goes, and from the
# reason of a look the name of somebody who was deleted is taken out. Both stay inside the connection's scope.
LOOKS = """
DROP TRIGGER registry_sensitivelook_append_only ON registry_sensitivelook;
CREATE FUNCTION registry_look_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('boai.forgetting', true) IS DISTINCT FROM 'looks' THEN
        RAISE EXCEPTION 'the record of looks is append-only' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER registry_sensitivelook_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON registry_sensitivelook
    FOR EACH STATEMENT EXECUTE FUNCTION registry_look_guard();
CREATE FUNCTION registry_looks_forget(which uuid[], before timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE gone integer;
BEGIN
    PERFORM set_config('boai.forgetting', 'looks', true);
    DELETE FROM registry_sensitivelook WHERE id = ANY (which) AND at < before
      AND region_code BETWEEN current_setting('boai.lo', true) AND current_setting('boai.hi', true);
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM set_config('boai.forgetting', '', true);
    RETURN gone;
END $$;
CREATE FUNCTION registry_look_reword(which uuid, words bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM set_config('boai.forgetting', 'looks', true);
    UPDATE registry_sensitivelook SET reason = words WHERE id = which
      AND region_code BETWEEN current_setting('boai.lo', true) AND current_setting('boai.hi', true);
    PERFORM set_config('boai.forgetting', '', true);
END $$;
REVOKE ALL ON FUNCTION registry_looks_forget(uuid[], timestamptz), registry_look_reword(uuid, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION registry_looks_forget(uuid[], timestamptz), registry_look_reword(uuid, bytea) TO boai_app;
"""
LOOKS_BACK = """
DROP FUNCTION registry_look_reword(uuid, bytea);
DROP FUNCTION registry_looks_forget(uuid[], timestamptz);
DROP TRIGGER registry_sensitivelook_append_only ON registry_sensitivelook;
DROP FUNCTION registry_look_guard();
CREATE TRIGGER registry_sensitivelook_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON registry_sensitivelook
    FOR EACH STATEMENT EXECUTE FUNCTION boai_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0016_privacy"), ("kernel", "0001_roles")]
    operations = [
        *(RowSecurity(table) for table in TABLES),
        migrations.RunSQL(SAME_PLACE, SAME_PLACE_BACK),
        migrations.RunSQL(GUARD, GUARD_BACK),
        migrations.RunSQL(LOOKS, LOOKS_BACK),
    ]
