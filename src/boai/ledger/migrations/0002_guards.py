"""The ledger's promises, kept by the database: one kind per account, balances from the rows really inserted, limits,
documents closed with their transaction, nothing ever changed."""

from django.db import migrations

from boai.kernel.operations import AppendOnly, RowSecurity
from boai.ledger.enums import CNY

# Money stays on money accounts and each side's division is the account's own: by foreign keys over several columns.
KEYS = """
ALTER TABLE ledger_unit ADD CONSTRAINT ledger_unit_kind UNIQUE (id, kind);
ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_place UNIQUE (id, kind, region_code);
ALTER TABLE ledger_transfer
    ADD CONSTRAINT ledger_transfer_unit FOREIGN KEY (unit_id, kind) REFERENCES ledger_unit (id, kind),
    ADD CONSTRAINT ledger_transfer_debit_account FOREIGN KEY (debit_id, kind, debit_region)
        REFERENCES ledger_account (id, kind, region_code),
    ADD CONSTRAINT ledger_transfer_credit_account FOREIGN KEY (credit_id, kind, credit_region)
        REFERENCES ledger_account (id, kind, region_code);
ALTER TABLE ledger_balance SET (fillfactor = 40);
REVOKE UPDATE ON ledger_account FROM boai_app;
GRANT UPDATE (title, closed_at) ON ledger_account TO boai_app;
REVOKE DELETE ON ledger_account, ledger_unit FROM boai_app;
REVOKE UPDATE ON ledger_unit FROM boai_app;
"""

KEYS_BACK = """
GRANT UPDATE, DELETE ON ledger_account, ledger_unit TO boai_app;
ALTER TABLE ledger_transfer
    DROP CONSTRAINT ledger_transfer_unit,
    DROP CONSTRAINT ledger_transfer_debit_account,
    DROP CONSTRAINT ledger_transfer_credit_account;
ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_place;
ALTER TABLE ledger_unit DROP CONSTRAINT ledger_unit_kind;
"""

# Row locks are taken in one order (account, unit) and only after a zero row exists for every pair: an absent row cannot
# be locked. FOR NO KEY UPDATE leaves foreign-key checks of others alone. A closed account is looked for last: whoever
# closes it holds its row, which our foreign-key check has just waited for.
APPLY = """
CREATE FUNCTION ledger_apply() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT document_id FROM fresh) f JOIN ledger_document d ON d.id = f.document_id
               WHERE d.xid <> pg_current_xact_id()) THEN
        RAISE EXCEPTION 'a document takes no lines after its own transaction'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_document_closed';
    END IF;

    IF EXISTS (SELECT FROM fresh f LEFT JOIN ledger_transfer p ON p.id = f.pending_id
               WHERE f.phase IN (2, 3)
                 AND (p.phase IS DISTINCT FROM 1 OR f.amount > p.amount OR (f.phase = 3 AND f.amount <> p.amount)
                      OR (f.unit_id, f.debit_id, f.credit_id) IS DISTINCT FROM (p.unit_id, p.debit_id, p.credit_id)))
    THEN
        RAISE EXCEPTION 'a reservation is posted within its amount or given up as a whole, on its own accounts'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfer_answers';
    END IF;

    INSERT INTO ledger_balance (account_id, unit_id, region_code, rule, dr, cr, dr_pend, cr_pend)
    SELECT s.account_id, s.unit_id, a.region_code, a.rule, 0, 0, 0, 0
    FROM (SELECT debit_id AS account_id, unit_id FROM fresh UNION SELECT credit_id, unit_id FROM fresh) s
    JOIN ledger_account a ON a.id = s.account_id
    ORDER BY s.account_id, s.unit_id
    ON CONFLICT DO NOTHING;

    PERFORM FROM ledger_balance b
    JOIN (SELECT debit_id AS account_id, unit_id FROM fresh UNION SELECT credit_id, unit_id FROM fresh) s
        USING (account_id, unit_id)
    ORDER BY b.account_id, b.unit_id
    FOR NO KEY UPDATE OF b;

    WITH moved AS (
        SELECT f.unit_id, f.debit_id, f.credit_id,
               CASE WHEN f.phase IN (0, 2) THEN f.amount ELSE 0 END AS amount,
               CASE WHEN f.phase = 1 THEN f.amount ELSE -coalesce(p.amount, 0) END AS reserved
        FROM fresh f LEFT JOIN ledger_transfer p ON p.id = f.pending_id
    ), sides AS (
        SELECT debit_id AS account_id, unit_id, amount AS dr, 0 AS cr, reserved AS dr_pend, 0 AS cr_pend FROM moved
        UNION ALL
        SELECT credit_id, unit_id, 0, amount, 0, reserved FROM moved
    ), sums AS (
        SELECT account_id, unit_id, sum(dr) AS dr, sum(cr) AS cr, sum(dr_pend) AS dr_pend, sum(cr_pend) AS cr_pend
        FROM sides GROUP BY account_id, unit_id
    )
    UPDATE ledger_balance b
    SET dr = b.dr + s.dr, cr = b.cr + s.cr, dr_pend = b.dr_pend + s.dr_pend, cr_pend = b.cr_pend + s.cr_pend
    FROM sums s WHERE b.account_id = s.account_id AND b.unit_id = s.unit_id;

    IF EXISTS (SELECT FROM (SELECT debit_id AS account_id FROM fresh UNION SELECT credit_id FROM fresh) s
               JOIN ledger_account a ON a.id = s.account_id WHERE a.closed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'nothing moves on a closed account'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_account_closed';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_apply AFTER INSERT ON ledger_transfer REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_apply();

REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ledger_balance FROM boai_app;
CREATE TRIGGER ledger_balance_by_transfers BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ledger_balance
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION boai_refuse_change();
"""

APPLY_BACK = """
DROP TRIGGER ledger_balance_by_transfers ON ledger_balance;
GRANT INSERT, UPDATE, DELETE ON ledger_balance TO boai_app;
DROP TRIGGER ledger_apply ON ledger_transfer;
DROP FUNCTION ledger_apply();
"""

# Both sides' branches read a transfer; writing it needs at least one side of one's own.
ONE_SIDE = (
    "debit_region BETWEEN (SELECT current_setting('boai.lo', true)) AND (SELECT current_setting('boai.hi', true))"
    " OR credit_region BETWEEN (SELECT current_setting('boai.lo', true)) AND (SELECT current_setting('boai.hi', true))"
)
TRANSFER_SCOPE = f"""
ALTER TABLE ledger_transfer ENABLE ROW LEVEL SECURITY;
CREATE POLICY ledger_transfer_scope ON ledger_transfer TO boai_app USING ({ONE_SIDE}) WITH CHECK ({ONE_SIDE});
COMMENT ON TABLE ledger_document IS
    'No row security: kind, dates and a fingerprint; nothing of a person, and both sides of a transfer need it.';
COMMENT ON TABLE ledger_unit IS 'No row security: money, lots of goods, points, minutes; nothing of a person.';
"""

TRANSFER_SCOPE_BACK = """
DROP POLICY ledger_transfer_scope ON ledger_transfer;
ALTER TABLE ledger_transfer DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("kernel", "0001_roles")]
    operations = [
        migrations.RunSQL(
            f"INSERT INTO ledger_unit (id, kind, code, scale, lot) VALUES ('{CNY}', 'M', 'CNY', 2, '')",  # noqa: S608 - a constant
            f"DELETE FROM ledger_unit WHERE id = '{CNY}'",  # noqa: S608 - a constant
        ),
        migrations.RunSQL(KEYS, KEYS_BACK),
        migrations.RunSQL(APPLY, APPLY_BACK),
        RowSecurity("ledger_account"),
        RowSecurity("ledger_balance"),
        migrations.RunSQL(TRANSFER_SCOPE, TRANSFER_SCOPE_BACK),
        AppendOnly("ledger_document"),
        AppendOnly("ledger_transfer"),
    ]
