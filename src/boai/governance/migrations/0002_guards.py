"""What the database itself keeps of governance: scopes, the closed ballot box, evidence that never changes."""

from django.db import migrations

from boai.kernel.operations import AppendOnly, RowSecurity

SCOPED = [
    "governance_meeting", "governance_meetingmember", "governance_review", "governance_recusal", "governance_poll",
    "governance_rollentry", "governance_tallysheet", "governance_notice", "governance_noticeentry",
    "governance_noticeextension", "governance_boardphoto", "governance_objection", "governance_objectionidentity",
]  # fmt: skip

# The box: the application may drop a ballot in, and has no right to look. Ballots appear only through the function
# that closes a poll, and then nobody changes them.
BOX_RIGHTS = """
REVOKE SELECT, UPDATE, DELETE, TRUNCATE ON governance_ballotbox FROM boai_app;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON governance_ballot FROM boai_app;
"""
BOX_RIGHTS_BACK = """
GRANT SELECT, UPDATE, DELETE ON governance_ballotbox TO boai_app;
GRANT INSERT, UPDATE, DELETE ON governance_ballot TO boai_app;
"""

# A ballot goes in only while its poll is open; the share lock makes a ballot and the close wait for each other.
# SECURITY DEFINER, because the voter's scope has nothing to do with whether the poll is open.
BOX_OPEN = """
CREATE FUNCTION governance_box_open() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM governance_poll WHERE id = NEW.poll_id AND closed_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this ballot is not open' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER governance_box_open BEFORE INSERT ON governance_ballotbox
    FOR EACH ROW EXECUTE FUNCTION governance_box_open();
"""

# Closing: ballots get new random ids and a random order, the roll is rewritten in another random order, all in one
# transaction, so that neither ids nor xmin nor the place in the file lead from a person to a ballot (governance 3.5).
CLOSE = """
CREATE FUNCTION governance_ballots_close(poll uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moved integer;
    ticked integer;
BEGIN
    PERFORM 1 FROM governance_poll WHERE id = poll AND closed_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this ballot is not open' USING ERRCODE = 'restrict_violation';
    END IF;
    INSERT INTO governance_ballot (id, poll_id, content)
        SELECT gen_random_uuid(), b.poll_id, b.content FROM governance_ballotbox b
        WHERE b.poll_id = poll ORDER BY gen_random_uuid();
    GET DIAGNOSTICS moved = ROW_COUNT;
    SELECT count(*) INTO ticked FROM governance_rollentry r
        WHERE r.poll_id = poll AND r.voted AND r.channel = 'online';
    IF moved <> ticked THEN
        RAISE EXCEPTION 'the box holds % ballots, but % people voted', moved, ticked USING ERRCODE = 'data_corrupted';
    END IF;
    PERFORM governance_box_empty(poll);
    RETURN moved;
END $$;

CREATE FUNCTION governance_ballots_destroy(poll uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM governance_poll WHERE id = poll AND closed_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this ballot is not open' USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM governance_box_empty(poll);
END $$;

CREATE FUNCTION governance_box_empty(poll uuid) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM governance_ballotbox b WHERE b.poll_id = poll;
    CREATE TEMPORARY TABLE governance_roll_shuffle ON COMMIT DROP AS
        SELECT * FROM governance_rollentry r WHERE r.poll_id = poll;
    DELETE FROM governance_rollentry r WHERE r.poll_id = poll;
    INSERT INTO governance_rollentry SELECT * FROM governance_roll_shuffle ORDER BY gen_random_uuid();
    DROP TABLE governance_roll_shuffle;
END $$;
REVOKE ALL ON FUNCTION governance_box_empty(uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION governance_ballots_close(uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION governance_ballots_destroy(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION governance_ballots_close(uuid), governance_ballots_destroy(uuid) TO boai_app;
"""

# A tick on the roll is never taken back, a roll never grows after the opening, and a frozen poll keeps its figures.
ROLL = """
CREATE FUNCTION governance_roll_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user <> 'boai_app' THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF EXISTS (SELECT FROM governance_review v JOIN governance_poll p ON p.review_id = v.id
                   WHERE p.id = NEW.poll_id AND v.state <> 'presented') OR NEW.voted THEN
            RAISE EXCEPTION 'the roll is frozen' USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF TG_OP = 'DELETE' OR OLD.voted OR NEW.id <> OLD.id OR NEW.poll_id <> OLD.poll_id
          OR NEW.member_id <> OLD.member_id OR NEW.channel <> OLD.channel THEN
        RAISE EXCEPTION 'the roll is frozen' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER governance_roll_frozen BEFORE INSERT OR UPDATE OR DELETE ON governance_rollentry
    FOR EACH ROW EXECUTE FUNCTION governance_roll_frozen();

CREATE FUNCTION governance_poll_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF ROW(NEW.review_id, NEW.round, NEW.rule, NEW.rules, NEW.roll_size, NEW.recused, NEW.signed_in, NEW.present,
           NEW.online_voters, NEW.paper_voters, NEW.roll_hash, NEW.opened_at)
       IS DISTINCT FROM
       ROW(OLD.review_id, OLD.round, OLD.rule, OLD.rules, OLD.roll_size, OLD.recused, OLD.signed_in, OLD.present,
           OLD.online_voters, OLD.paper_voters, OLD.roll_hash, OLD.opened_at)
       OR (OLD.counted_at IS NOT NULL AND ROW(NEW.yes, NEW.no, NEW.abstain, NEW.blank, NEW.invalid, NEW.counted_at)
           IS DISTINCT FROM ROW(OLD.yes, OLD.no, OLD.abstain, OLD.blank, OLD.invalid, OLD.counted_at))
       OR (OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at) THEN
        RAISE EXCEPTION 'rules, roll and result of a ballot are frozen' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER governance_poll_frozen BEFORE UPDATE ON governance_poll
    FOR EACH ROW EXECUTE FUNCTION governance_poll_frozen();
"""
ROLL_BACK = """
DROP TRIGGER governance_poll_frozen ON governance_poll;
DROP FUNCTION governance_poll_frozen();
DROP TRIGGER governance_roll_frozen ON governance_rollentry;
DROP FUNCTION governance_roll_frozen();
"""

# Whoever drafted, approved, published, voted, verified or is related handles no objection (governance 5).
HANDLER = """
CREATE FUNCTION governance_clean_hands() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    who uuid;
BEGIN
    FOREACH who IN ARRAY ARRAY[NEW.handler_id, NEW.appeal_handler_id] LOOP
        CONTINUE WHEN who IS NULL;
        IF EXISTS (SELECT FROM governance_notice n WHERE n.id = NEW.notice_id
                   AND who IN (n.drafted_by_id, n.submitted_by_id, n.approved_by_id, n.published_by_id))
           OR EXISTS (SELECT FROM governance_noticeentry e LEFT JOIN governance_review r ON r.id = e.review_id
                      WHERE e.notice_id = NEW.notice_id AND (NEW.entry_id IS NULL OR e.id = NEW.entry_id)
                      AND (who = ANY (e.excluded) OR who = ANY (r.barred_ids) OR EXISTS (
                          SELECT FROM governance_rollentry o JOIN governance_poll p ON p.id = o.poll_id
                          JOIN governance_meetingmember m ON m.id = o.member_id
                          WHERE p.review_id = r.id AND m.user_id = who))) THEN
            RAISE EXCEPTION 'this person had a hand in the matter' USING ERRCODE = 'restrict_violation';
        END IF;
    END LOOP;
    IF NEW.appeal_handler_id = NEW.handler_id THEN
        RAISE EXCEPTION 'the appeal is decided by somebody else' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER governance_clean_hands BEFORE INSERT OR UPDATE OF handler_id, appeal_handler_id ON governance_objection
    FOR EACH ROW EXECUTE FUNCTION governance_clean_hands();
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial"), ("kernel", "0001_roles")]
    operations = [
        *(RowSecurity(table) for table in SCOPED),
        # Only what may be published is in this table, and at the end the document goes (a check constraint says so).
        RowSecurity("governance_publicnotice", also="ended = '' OR document IS NULL"),
        AppendOnly("governance_tallysheet"),
        AppendOnly("governance_noticeextension"),
        AppendOnly("governance_boardphoto"),
        migrations.RunSQL(BOX_RIGHTS, BOX_RIGHTS_BACK),
        migrations.RunSQL(
            BOX_OPEN, "DROP TRIGGER governance_box_open ON governance_ballotbox; DROP FUNCTION governance_box_open()"
        ),
        migrations.RunSQL(
            CLOSE,
            "DROP FUNCTION governance_ballots_close(uuid), governance_ballots_destroy(uuid), governance_box_empty(uuid)",
        ),
        migrations.RunSQL(ROLL, ROLL_BACK),
        migrations.RunSQL(
            HANDLER,
            "DROP TRIGGER governance_clean_hands ON governance_objection; DROP FUNCTION governance_clean_hands()",
        ),
    ]
