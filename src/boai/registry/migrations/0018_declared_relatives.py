"""Whom the staff declare as their own relatives."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import boai.kernel.crypto
import boai.kernel.fields
import boai.kernel.ids
from boai.kernel.operations import RowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0017_privacy_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DeclaredRelative",
            fields=[
                (
                    "id",
                    models.UUIDField(default=boai.kernel.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("region_code", boai.kernel.fields.RegionCodeField(verbose_name="division")),
                ("name", models.CharField(max_length=50, verbose_name="person's name")),
                (
                    "number",
                    boai.kernel.crypto.SealedTextField(purpose="registry.number", verbose_name="identity number"),
                ),
                ("number_blind", models.BinaryField(null=True)),
                ("number_tail", models.CharField(blank=True, max_length=4)),
                ("relation", models.CharField(max_length=20, verbose_name="what they are to you")),
                ("added_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "declared relative",
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at__isnull", True)), fields=["user"], name="registry_relative_of"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("number_blind__isnull", True), ("number_tail", "")),
                            models.Q(("number_blind__isnull", False), models.Q(("number_tail", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="registry_relative_number",
                    )
                ],
            },
        ),
        RowSecurity("registry_declaredrelative"),
    ]
