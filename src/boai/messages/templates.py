"""What messages say: templates as code, registered by the apps that send them when Django starts.

    from boai.messages import templates
    templates.register(templates.Template(
        code="relief.case_received", name=_("Application received"), channels=frozenset({Channel.GATEWAY}),
        subject=_("Application received"), body=_("Your application {code} has been received by {branch}."),
    ))

The words that a template leaves open stand in braces. A message is written in Chinese whatever language the officer
works in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import override

from boai.kernel.text.folding import clean, clean_lines
from boai.messages.enums import Channel

LANGUAGE = "zh-hans"
LONGEST_WORD = 300
"""Characters that one open word of a template may be filled with."""

_OPEN = re.compile(r"\{(\w+)\}")
_CODE = re.compile(r"[a-z_]+(\.[a-z_]+)+\Z")


@dataclass(frozen=True)
class Rendered:
    """A template with its words filled in."""

    subject: str
    body: str
    path: str


@dataclass(frozen=True)
class Template:
    """One kind of message: its code, what the office calls it, what it says, and the ways it may take.

    `path` is the page of Boai that an inbox message leads to ("/cases/{code}/").
    """

    code: str
    name: str | Promise
    subject: str | Promise
    body: str | Promise
    channels: frozenset[Channel]
    path: str = ""

    @cached_property
    def words(self) -> frozenset[str]:
        """The open words."""
        with override(LANGUAGE):
            return frozenset(_OPEN.findall(f"{self.subject}\n{self.body}\n{self.path}"))

    def render(self, context: Mapping[str, str]) -> Rendered:
        """Fill in the words. Raises ValueError when one is missing or not asked for: that is a fault of the caller."""
        if context.keys() != self.words:
            raise ValueError(f"{self.code} takes {sorted(self.words)}, not {sorted(context)}")
        filled = {word: _tidy(value) for word, value in context.items()}
        with override(LANGUAGE):
            return Rendered(
                clean(_fill(str(self.subject), filled)),
                clean_lines(_fill(str(self.body), filled)),
                _fill(self.path, filled),
            )


_TEMPLATES: dict[str, Template] = {}


def register(*templates: Template) -> None:
    """Make templates known. Raises ValueError for a malformed code, no channel, or a code taken by another template."""
    for template in templates:
        if not _CODE.match(template.code) or not template.channels:
            raise ValueError(f"not a template: {template.code!r}")
        if template.path and not template.path.startswith("/"):
            raise ValueError(f"{template.code}: a path begins with a slash")
        if _TEMPLATES.setdefault(template.code, template) != template:
            raise ValueError(f"two templates are called {template.code}")


def template(code: str) -> Template:
    """A template by its code. Raises ValueError: a message without template is a fault of the caller."""
    if code not in _TEMPLATES:
        raise ValueError(f"no template {code!r}")
    return _TEMPLATES[code]


def name_of(code: str) -> str:
    """What the office calls a template; its code when it is no longer in use."""
    return str(_TEMPLATES[code].name) if code in _TEMPLATES else code


def _tidy(value: str) -> str:
    """One line without direction marks and other invisible characters, not too long."""
    return clean("".join(c for c in value if unicodedata.category(c) not in ("Cf", "Cs")))[:LONGEST_WORD]


def _fill(text: str, words: Mapping[str, str]) -> str:
    return _OPEN.sub(lambda match: words[match.group(1)], text)
