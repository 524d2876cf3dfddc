"""What was said about rows of a file, by where they stand in it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import boai.kernel.fields
from boai.kernel.operations import RowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0021_learning"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RowWord",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("region_code", boai.kernel.fields.RegionCodeField(verbose_name="division")),
                ("sheet", models.SmallIntegerField()),
                ("row", models.IntegerField()),
                ("beside_sheet", models.SmallIntegerField(null=True)),
                ("beside_row", models.IntegerField(null=True)),
                ("beside_id", models.UUIDField(null=True)),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("same", "The same person"),
                            ("asked", "Waiting for a person's word"),
                            ("different", "Two people"),
                        ],
                        max_length=9,
                    ),
                ),
                ("decided_at", models.DateTimeField()),
                (
                    "decided_by",
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
            ],
            options={
                "verbose_name": "word about a row of a file",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("intake", "sheet", "row", "beside_sheet", "beside_row", "beside_id"),
                        name="registry_rowword_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        RowSecurity("registry_rowword"),
    ]
