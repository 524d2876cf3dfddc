import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import boai.kernel.crypto
import boai.kernel.fields
import boai.kernel.ids
from boai.kernel.operations import RowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0001_initial"),
        ("registry", "0014_files"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(model_name="cellfix", name="whole", field=models.BooleanField(default=False)),
        migrations.CreateModel(
            name="ReturnedWorkbook",
            fields=[
                (
                    "id",
                    models.UUIDField(default=boai.kernel.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("region_code", boai.kernel.fields.RegionCodeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "Being compared with what was sent"),
                            ("ready", "Compared, waiting for a decision"),
                            ("refused", "Could not be taken"),
                            ("applied", "Taken over"),
                            ("discarded", "Not taken over"),
                        ],
                        default="received",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("error", models.CharField(blank=True, max_length=40)),
                ("counts", models.JSONField(default=dict)),
                ("problems", models.JSONField(default=list)),
                ("basis", models.CharField(blank=True, max_length=80)),
                ("plain", models.BooleanField(default=False)),
                ("uploaded_at", models.DateTimeField()),
                ("beat_at", models.DateTimeField()),
                ("applied_at", models.DateTimeField(null=True)),
                (
                    "applied_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "intake",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="registry.intake"
                    ),
                ),
                (
                    "stored",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.storedfile"
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "findings workbook that came back",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["received", "ready"])),
                        fields=("intake",),
                        name="registry_returned_open_once",
                    ),
                ],
            },
        ),
        RowSecurity("registry_returnedworkbook"),
        migrations.CreateModel(
            name="ReturnedCell",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("region_code", boai.kernel.fields.RegionCodeField()),
                ("sheet", models.SmallIntegerField()),
                ("row", models.IntegerField()),
                ("column", models.SmallIntegerField()),
                ("before", boai.kernel.crypto.SealedTextField(purpose="registry.finding")),
                ("after", boai.kernel.crypto.SealedTextField(purpose="registry.finding")),
                ("conflict", models.BooleanField(default=False)),
                (
                    "returned",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cells",
                        to="registry.returnedworkbook",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("returned", "sheet", "row", "column"), name="registry_returned_cell"
                    ),
                ],
            },
        ),
        RowSecurity("registry_returnedcell"),
    ]
