"""Which weights of the comparison are in force, and the job that learns them anew."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import boai.kernel.fields
import boai.kernel.ids
from boai.kernel.operations import RowSecurity


def _user() -> models.ForeignKey:
    return models.ForeignKey(
        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
    )


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0020_made_one"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("linkagemodel", "held_at", models.DateTimeField(null=True)),
        migrations.AddField("linkagemodel", "held_by", _user()),
        migrations.AddField("linkagemodel", "learnt_by", _user()),
        migrations.AddField(
            "linkagemodel",
            "intake",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="registry.intake"
            ),
        ),
        migrations.CreateModel(
            name="LearningRun",
            fields=[
                (
                    "id",
                    models.UUIDField(default=boai.kernel.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("region_code", boai.kernel.fields.RegionCodeField(verbose_name="division")),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits for its turn"),
                            ("reading", "Reading the people of the register"),
                            ("learning", "Learning from them"),
                            ("done", "New weights are in force"),
                            ("too_few", "The register shows too little to learn from; the weights stay as they are"),
                            ("failed", "Something went wrong; the weights stay as they are"),
                        ],
                        default="waiting",
                        max_length=8,
                        verbose_name="step",
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("asked_by", _user()),
            ],
            options={
                "verbose_name": "learning of weights",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("region_code",),
                        name="registry_learning_once",
                    )
                ],
            },
        ),
        RowSecurity("registry_learningrun"),
    ]
