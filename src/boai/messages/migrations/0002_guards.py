"""Messages are seen inside their division and by the person they are addressed to; what was sent stays sent."""

from django.db import migrations

from boai.kernel.operations import RowSecurity

MINE = "user_id::text = (SELECT current_setting('boai.user', true))"

READ = f"CREATE POLICY boai_messages_message_mine ON boai_messages_message FOR UPDATE TO boai_app USING ({MINE}) WITH CHECK ({MINE})"

GUARD = """
CREATE FUNCTION boai_messages_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state = 'sent' AND NEW.state <> 'sent')
       OR (NEW.id, NEW.key, NEW.region_code, NEW.template, NEW.channel, NEW.address, NEW.body)
          IS DISTINCT FROM (OLD.id, OLD.key, OLD.region_code, OLD.template, OLD.channel, OLD.address, OLD.body)
       OR (NEW.subject, NEW.words, NEW.path, NEW.created_at)
          IS DISTINCT FROM (OLD.subject, OLD.words, OLD.path, OLD.created_at)
       OR NEW.user_id IS DISTINCT FROM OLD.user_id THEN
        RAISE EXCEPTION 'a message that was sent stays sent, and what it says stays said'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER boai_messages_guard BEFORE UPDATE ON boai_messages_message
    FOR EACH ROW EXECUTE FUNCTION boai_messages_guard();
REVOKE DELETE, TRUNCATE ON boai_messages_message, boai_messages_attempt FROM boai_app;
"""

BACK = """
DROP TRIGGER boai_messages_guard ON boai_messages_message;
DROP FUNCTION boai_messages_guard();
GRANT DELETE ON boai_messages_message, boai_messages_attempt TO boai_app;
"""


class Migration(migrations.Migration):
    dependencies = [("boai_messages", "0001_initial"), ("kernel", "0001_roles")]
    operations = [
        RowSecurity("boai_messages_message", also=MINE),
        RowSecurity("boai_messages_attempt"),
        migrations.RunSQL(READ, "DROP POLICY boai_messages_message_mine ON boai_messages_message"),
        migrations.RunSQL(GUARD, BACK),
    ]
