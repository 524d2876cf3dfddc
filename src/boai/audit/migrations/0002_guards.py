"""What the database keeps by itself: entries are written once, every entry is queued, the log only grows.

boai_app writes entries and reads everything it may see; it can neither put anything into the queue or the log nor take
anything out. boai_log empties the queue and adds to the log; it cannot read payloads.
"""

from django.db import migrations

from boai.kernel.operations import AppendOnly, RowSecurity

# Read only within the scope; but a mark may be made from anywhere: no change may fail to leave its mark because the
# object lies above the actor's own division.
ENTRY_POLICIES = """
CREATE POLICY audit_entry_write ON audit_entry FOR INSERT TO boai_app WITH CHECK (true);
CREATE POLICY audit_entry_log ON audit_entry FOR SELECT TO boai_log USING (true);
"""

ENTRY_GUARDS = """
ALTER TABLE audit_entry ADD CONSTRAINT audit_entry_commits
    CHECK (payload IS NULL OR (octet_length(salt) = 32 AND commit = sha256(salt || payload)));
REVOKE UPDATE, DELETE, TRUNCATE ON audit_entry FROM boai_app;

CREATE FUNCTION audit_entry_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The only change there is: payload and salt disappear, everything else stays.
    IF OLD.payload IS NULL OR NEW.payload IS NOT NULL OR NEW.salt IS NOT NULL OR NEW.erased_at IS NULL
       OR (NEW.id, NEW.type, NEW.obj, NEW.region_code, NEW.actor_role, NEW.at, NEW.commit)
          IS DISTINCT FROM (OLD.id, OLD.type, OLD.obj, OLD.region_code, OLD.actor_role, OLD.at, OLD.commit)
       OR NEW.actor_id IS DISTINCT FROM OLD.actor_id THEN
        RAISE EXCEPTION 'table audit_entry is append-only: an entry can only be erased, never changed'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_entry_guard BEFORE UPDATE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_guard();
CREATE TRIGGER audit_entry_keep BEFORE DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION boai_refuse_change();

CREATE FUNCTION audit_erase(entry uuid, moment timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE audit_entry SET payload = NULL, salt = NULL, erased_at = moment
    WHERE id = entry AND payload IS NOT NULL
      AND region_code BETWEEN current_setting('boai.lo', true) AND current_setting('boai.hi', true);
    RETURN FOUND;
END $$;
REVOKE ALL ON FUNCTION audit_erase(uuid, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_erase(uuid, timestamptz) TO boai_app;
"""

ENTRY_GUARDS_BACK = """
DROP FUNCTION audit_erase(uuid, timestamptz);
DROP TRIGGER audit_entry_keep ON audit_entry;
DROP TRIGGER audit_entry_guard ON audit_entry;
DROP FUNCTION audit_entry_guard();
GRANT UPDATE, DELETE ON audit_entry TO boai_app;
ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_commits;
"""

QUEUE = """
CREATE FUNCTION audit_entry_enqueue() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO audit_outbox (entry_id) SELECT id FROM fresh ORDER BY id;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_entry_enqueue AFTER INSERT ON audit_entry REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_enqueue();
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit_outbox FROM boai_app;
GRANT SELECT, DELETE ON audit_outbox TO boai_log;
-- The queue is written and emptied all day: vacuum by the thousand, not by the share.
ALTER TABLE audit_outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
"""

QUEUE_BACK = """
DROP TRIGGER audit_entry_enqueue ON audit_entry;
DROP FUNCTION audit_entry_enqueue();
REVOKE ALL ON audit_outbox FROM boai_log;
GRANT INSERT, UPDATE, DELETE ON audit_outbox TO boai_app;
"""

LOG = """
ALTER TABLE audit_leaf
    ADD CONSTRAINT audit_leaf_from_zero CHECK (seq >= 0),
    ADD CONSTRAINT audit_leaf_hashes CHECK (hash = sha256('\\x00'::bytea || data));
ALTER TABLE audit_node
    ADD CONSTRAINT audit_node_inner CHECK (level BETWEEN 1 AND 62 AND "index" >= 0),
    ADD CONSTRAINT audit_node_hashes CHECK (octet_length(hash) = 32);
ALTER TABLE audit_checkpoint
    ADD CONSTRAINT audit_checkpoint_not_empty CHECK (size > 0 AND octet_length(root) = 32);
REVOKE INSERT ON audit_leaf, audit_node, audit_checkpoint FROM boai_app;
GRANT SELECT, INSERT ON audit_leaf, audit_node, audit_checkpoint TO boai_log;
GRANT SELECT (id, type, obj, at, actor_role, commit) ON audit_entry TO boai_log;
"""

LOG_BACK = """
REVOKE ALL ON audit_leaf, audit_node, audit_checkpoint FROM boai_log;
REVOKE SELECT (id, type, obj, at, actor_role, commit) ON audit_entry FROM boai_log;
GRANT INSERT ON audit_leaf, audit_node, audit_checkpoint TO boai_app;
ALTER TABLE audit_leaf DROP CONSTRAINT audit_leaf_from_zero, DROP CONSTRAINT audit_leaf_hashes;
ALTER TABLE audit_node DROP CONSTRAINT audit_node_inner, DROP CONSTRAINT audit_node_hashes;
ALTER TABLE audit_checkpoint DROP CONSTRAINT audit_checkpoint_not_empty;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("kernel", "0001_roles")]
    operations = [
        RowSecurity("audit_entry"),
        migrations.RunSQL(
            ENTRY_POLICIES,
            "DROP POLICY audit_entry_write ON audit_entry; DROP POLICY audit_entry_log ON audit_entry;",
        ),
        migrations.RunSQL(ENTRY_GUARDS, ENTRY_GUARDS_BACK),
        migrations.RunSQL(QUEUE, QUEUE_BACK),
        migrations.RunSQL(LOG, LOG_BACK),
        AppendOnly("audit_leaf"),
        AppendOnly("audit_node"),
        AppendOnly("audit_checkpoint"),
        AppendOnly("audit_inspection"),
    ]
