"""A version of a rule is never rewritten: it may only end or be withdrawn."""

from django.db import migrations

FREEZE = """
CREATE FUNCTION rulebook_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND (NEW.id, NEW.key, NEW.region_code, NEW.value, NEW.valid_from, NEW.source, NEW.confidence, NEW.set_at)
           IS NOT DISTINCT FROM
           (OLD.id, OLD.key, OLD.region_code, OLD.value, OLD.valid_from, OLD.source, OLD.confidence, OLD.set_at)
       AND NEW.set_by_id IS NOT DISTINCT FROM OLD.set_by_id
       AND (OLD.withdrawn_at IS NULL OR NEW.withdrawn_at = OLD.withdrawn_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a version of a rule is never rewritten or deleted: set a new one'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER rulebook_ruleversion_frozen BEFORE UPDATE OR DELETE ON rulebook_ruleversion
    FOR EACH ROW EXECUTE FUNCTION rulebook_refuse_rewriting();
"""

THAW = """
DROP TRIGGER rulebook_ruleversion_frozen ON rulebook_ruleversion;
DROP FUNCTION rulebook_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0001_initial")]
    operations = [migrations.RunSQL(FREEZE, THAW)]
