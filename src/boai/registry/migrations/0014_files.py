import django.db.models.deletion
from django.db import migrations, models

import boai.kernel.crypto
import boai.kernel.fields
from boai.kernel.operations import RowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0001_initial"),
        ("registry", "0013_end_reasons"),
    ]

    operations = [
        migrations.AddField(
            model_name="intake",
            name="error_file",
            field=models.CharField(blank=True, default="", max_length=200),
            preserve_default=False,
        ),
        migrations.AddField(model_name="intake", name="files_read", field=models.SmallIntegerField(default=0)),
        migrations.CreateModel(
            name="IntakeFile",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("region_code", boai.kernel.fields.RegionCodeField()),
                ("position", models.SmallIntegerField()),
                ("sha256", models.CharField(db_collation="C", max_length=64)),
                ("name", models.CharField(max_length=200, verbose_name="file")),
                ("size", models.BigIntegerField(verbose_name="size")),
                ("first_sheet", models.SmallIntegerField(null=True)),
                ("held", models.BooleanField(default=True)),
                (
                    "intake",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="files", to="registry.intake"
                    ),
                ),
                (
                    "stored",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.storedfile"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("intake", "position"), name="registry_intake_position"),
                    models.UniqueConstraint(
                        condition=models.Q(("held", True)),
                        fields=("region_code", "sha256"),
                        name="registry_file_held_once",
                    ),
                ],
            },
        ),
        RowSecurity("registry_intakefile"),
        migrations.RunSQL(
            """INSERT INTO registry_intakefile (intake_id, region_code, position, stored_id, sha256, name, size,
                                                first_sheet, held)
               SELECT id, region_code, 0, file_id, sha256, file_name, file_size, 0,
                      state NOT IN ('failed', 'cancelled') FROM registry_intake""",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveField(model_name="intake", name="file"),
        migrations.CreateModel(
            name="ReadingMark",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("region_code", boai.kernel.fields.RegionCodeField()),
                ("number", models.IntegerField()),
                ("state", boai.kernel.crypto.SealedTextField(purpose="registry.mark")),
                (
                    "intake",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="registry.intake"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("intake", "number"), name="registry_mark_once")],
            },
        ),
        RowSecurity("registry_readingmark"),
    ]
