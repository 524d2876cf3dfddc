"""What a person may say that a column means, in the order in which the choices are offered."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from boai.registry.enums import Category
from boai.registry.intake.columns import Field, Meaning, field_of, flag_of

_FLAG = "flag:"
LABELS: dict[Field, str | Promise] = {
    Field.NAME: _("Name"),
    Field.NUMBER: _("Identity number"),
    Field.RELATION: _("Relation to the head"),
    Field.SEX: _("Sex"),
    Field.BIRTH: _("Birth date"),
    Field.PHONE: _("Telephone"),
    Field.ACCOUNT: _("Bank account"),
    Field.BANK: _("Bank"),
    Field.CATEGORIES: _("Categories"),
    Field.DISABILITY: _("Kind of disability"),
    Field.DISABILITY_GRADE: _("Grade of disability"),
    Field.HEALTH: _("State of health"),
    Field.NOTE: _("Note"),
    Field.HOUSEHOLD: _("Household number of the office"),
    Field.HEAD_NAME: _("Name of the head"),
    Field.INCOME: _("Yearly income of the household"),
    Field.CODE: _("Division code (12 digits)"),
    Field.COUNTY: _("County or district"),
    Field.TOWNSHIP: pgettext_lazy("person", "Township"),
    Field.VILLAGE: pgettext_lazy("person", "Village"),
    Field.GROUP: _("Villagers' group"),
    Field.ADDRESS: pgettext_lazy("person", "Address"),
}
_OF_PERSON = tuple(LABELS)[: tuple(LABELS).index(Field.HOUSEHOLD)]


def code_of(meaning: Meaning) -> str:
    """A meaning as it is stored and posted: the field's name, or flag:CATEGORY."""
    return f"{_FLAG}{meaning.value}" if isinstance(meaning, Category) else meaning.value


def meaning_from(code: str) -> Meaning:
    """Undo `code_of`. Raises ValueError."""
    return Category(code.removeprefix(_FLAG)) if code.startswith(_FLAG) else Field(code)


def label_of(code: str) -> str:
    """A meaning in words."""
    meaning = meaning_from(code)
    if isinstance(meaning, Category):
        return str(meaning.label)
    return str(LABELS.get(meaning, _("Not read")))


def guess_of(heading: str) -> Meaning | None:
    """What we take a heading for when nobody has told us."""
    field = field_of(heading)
    return field if field is not None else flag_of(heading)


def choices() -> list[tuple[str, str | list[tuple[str, str]]]]:
    """For a list to choose from: leave it out; of the person; of the household; yes or no to a category."""
    person = [(code_of(field), str(LABELS[field])) for field in _OF_PERSON]
    household = [(code_of(field), str(label)) for field, label in LABELS.items() if field not in _OF_PERSON]
    flags = [(code_of(category), str(category.label)) for category in Category]
    return [
        (Field.IGNORED.value, str(_("Not read"))),
        (str(_("Of the person")), person),
        (str(_("Of the household")), household),
        (str(_("Yes or no to a category")), flags),
    ]
