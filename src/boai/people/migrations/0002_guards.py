"""The staff directory is hidden from connections on which nobody has signed in; what belongs to one account alone
(second factors, sessions with their addresses, e-mail addresses) is hidden from everybody else; invitations are seen
in the branch's division and by whoever comes in with the link."""

from django.db import migrations

ME = "coalesce((SELECT current_setting('boai.user', true)), '')"
SEEN_BY_STAFF = f"{ME} <> ''"
# Before sign-in allauth has to find the account and its second factor; nobody is known yet.
AT_THE_DOOR = f"{ME} IN ('signing-in', 'system')"
OWN = f"user_id::text = {ME} OR {AT_THE_DOOR}"
IN_REACH = f"""{AT_THE_DOOR} OR branch_id IN (SELECT id FROM people_branch WHERE region_code
    BETWEEN (SELECT current_setting('boai.lo', true)) AND (SELECT current_setting('boai.hi', true)))"""  # noqa: S608 - constants
# A confirmation names its address, not its user.
OF_OWN_ADDRESS = f"email_address_id IN (SELECT id FROM account_emailaddress WHERE {OWN})"  # noqa: S608 - constants


def guarded(table: str, condition: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY {table}_staff ON {table} TO boai_app USING ({condition}) WITH CHECK ({condition})",
        ],
        [f"DROP POLICY {table}_staff ON {table}", f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"],
    )


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("kernel", "0001_roles"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("usersessions", "0001_initial"),
    ]
    operations = [
        guarded("people_user", SEEN_BY_STAFF),
        guarded("people_invitation", IN_REACH),
        guarded("mfa_authenticator", OWN),
        guarded("usersessions_usersession", OWN),
        guarded("account_emailaddress", OWN),
        guarded("account_emailconfirmation", OF_OWN_ADDRESS),
    ]
