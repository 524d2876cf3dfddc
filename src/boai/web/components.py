"""Components: templates under web/components/ whose first comment states their inputs.

A component sees its inputs and nothing else of the page, so a `title` or `url` that a view happens to carry cannot
slip into it; an input that the comment does not name, or a required one that is missing, is an error at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.template import Context, TemplateDoesNotExist, TemplateSyntaxError
from django.template.base import Template
from django.utils.safestring import SafeString

FOLDER = "web/components"
_COMMENT = re.compile(r"\A\s*\{%\s*comment\s*%\}(.*?)\{%\s*endcomment\s*%\}", re.S)
_INPUTS = re.compile(r"^inputs:(.*?)(?:^\S|\Z)", re.S | re.M)
SHELL = ("csrf_token", "request")  # what every component may lean on


@dataclass(frozen=True)
class Inputs:
    """What a component takes: all names, and those that must be there."""

    names: frozenset[str]
    required: frozenset[str]


def inputs_of(source: str) -> Inputs:
    """Read the `inputs:` line of a component's first comment (it may go on over indented lines; `*` is required)."""
    comment = _COMMENT.match(source)
    found = _INPUTS.search(comment.group(1)) if comment else None
    if found is None:
        raise TemplateSyntaxError("A component begins with a comment that has a line `inputs: name*, name, …`.")
    words = [w for w in re.split(r"[\s,]+", found.group(1)) if w]
    return Inputs(
        frozenset(w.rstrip("*") for w in words),
        frozenset(w[:-1] for w in words if w.endswith("*")),
    )


@lru_cache(maxsize=256)
def _inputs_cached(source: str) -> Inputs:
    return inputs_of(source)


def component_render(context: Context, name: str, values: dict[str, Any]) -> SafeString:
    """Render web/components/<name>.html with `values` alone, plus the CSRF token and the request."""
    engine = context.template.engine if context.template else None
    if engine is None:
        raise TemplateSyntaxError("A component is rendered inside a template.")
    try:
        template: Template = engine.get_template(f"{FOLDER}/{name}.html")
    except TemplateDoesNotExist as error:
        raise TemplateSyntaxError(f"There is no component {name!r}; see web/COMPONENTS.md.") from error
    inputs = _inputs_cached(str(template.source))
    if unknown := values.keys() - inputs.names:
        raise TemplateSyntaxError(f"The component {name!r} has no input {', '.join(sorted(unknown))}.")
    if missing := inputs.required - values.keys():
        raise TemplateSyntaxError(f"The component {name!r} needs {', '.join(sorted(missing))}.")
    unset = dict.fromkeys(inputs.names, "")  # looking for a name that is not there costs Django an exception each
    inner = context.new(unset | {key: context.get(key) for key in SHELL} | values)
    return template.render(inner)
