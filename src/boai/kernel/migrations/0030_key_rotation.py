"""When the master key was changed, and how far that has come."""

from django.db import migrations, models

import boai.kernel.ids


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_shared_tables")]
    operations = [
        migrations.CreateModel(
            name="KeyRotation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=boai.kernel.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("header", models.CharField(max_length=12)),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("places", models.JSONField(default=dict)),
            ],
        ),
    ]
