"""How often a job of a register file was begun and did not come to its end."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0018_declared_relatives"),
    ]

    operations = [
        migrations.AddField(
            model_name="intake",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
