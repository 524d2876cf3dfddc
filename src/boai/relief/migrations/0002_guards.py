"""Row security on everything that belongs to a person, and rows that are written once."""

from django.db import migrations

from boai.kernel.operations import AppendOnly, RowSecurity

PERSONAL = [
    "relief_case",
    "relief_application",
    "relief_step",
    "relief_paper",
    "relief_snapshot",
    "relief_visit",
    "relief_photo",
    "relief_returnvisit",
    "relief_batch",
    "relief_payment",
    "relief_receipt",
    "relief_statement",
    "relief_statementline",
    "relief_bankaccount",
]
WRITTEN_ONCE = [
    "relief_step",
    "relief_snapshot",
    "relief_visit",
    "relief_photo",
    "relief_returnvisit",
    "relief_receipt",
]

# A kept filter may hold a name that was searched for: only its owner (and the system itself) sees it.
OWN = "(SELECT current_setting('boai.user', true)) IN (user_id::text, 'system')"
OWN_FILTERS = migrations.RunSQL(
    [
        "ALTER TABLE relief_savedfilter ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY relief_savedfilter_own ON relief_savedfilter TO boai_app USING ({OWN}) WITH CHECK ({OWN})",
    ],
    [
        "DROP POLICY relief_savedfilter_own ON relief_savedfilter",
        "ALTER TABLE relief_savedfilter DISABLE ROW LEVEL SECURITY",
    ],
)


class Migration(migrations.Migration):
    dependencies = [("relief", "0001_initial"), ("kernel", "0001_roles")]
    operations = [
        *(RowSecurity(table) for table in PERSONAL),
        # What a branch offers and from which fund is no secret: anybody may read it, the branch's people may write it.
        RowSecurity("relief_programme", also="true"),
        RowSecurity("relief_fund", also="true"),
        OWN_FILTERS,
        *(AppendOnly(table) for table in WRITTEN_ONCE),
    ]
