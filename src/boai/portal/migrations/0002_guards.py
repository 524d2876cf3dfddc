"""A draft is seen by whoever shows its token, and by the machine that sweeps old ones away."""

from django.db import migrations

# `boai.draft` is the hash of the token in hex, set for a block by services.drafts.opened.
SHOWN = "encode(token_hash, 'hex') = (SELECT current_setting('boai.draft', true))"
SWEEPER = "(SELECT current_setting('boai.user', true)) = 'system'"


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_initial")]
    operations = [
        migrations.RunSQL(
            [
                "ALTER TABLE portal_draft ENABLE ROW LEVEL SECURITY",
                f"CREATE POLICY portal_draft_own ON portal_draft TO boai_app USING ({SHOWN}) WITH CHECK ({SHOWN})",
                f"CREATE POLICY portal_draft_sweep ON portal_draft TO boai_app USING ({SWEEPER}) WITH CHECK ({SWEEPER})",
            ],
            [
                "DROP POLICY portal_draft_sweep ON portal_draft",
                "DROP POLICY portal_draft_own ON portal_draft",
                "ALTER TABLE portal_draft DISABLE ROW LEVEL SECURITY",
            ],
        ),
    ]
