"""Extensions (both trusted, so the database owner may add them), and two shared scratch tables that survive no crash (UNLOGGED): Django's cache and the rate limiter's counters."""

from pathlib import Path

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations

CACHE = """
CREATE UNLOGGED TABLE kernel_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX kernel_cache_expires ON kernel_cache (expires);
"""

RATE = """
CREATE UNLOGGED TABLE kernel_rate (
    bucket bytea NOT NULL,
    window_start timestamptz NOT NULL,
    hits integer NOT NULL,
    PRIMARY KEY (bucket, window_start)
);
"""


# Every app of ours may rely on the roles, the default grants and the extensions.
OURS = [p.parent.parent.name for p in Path(__file__).resolve().parents[2].glob("*/migrations/0001_initial.py")]


class Migration(migrations.Migration):
    run_before = [({"messages": "boai_messages"}.get(name, name), "0001_initial") for name in OURS]
    dependencies = [("kernel", "0001_roles")]
    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        migrations.RunSQL(CACHE, "DROP TABLE kernel_cache"),
        migrations.RunSQL(RATE, "DROP TABLE kernel_rate"),
    ]
