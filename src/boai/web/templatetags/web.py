"""Tags of the face: icons, components, fields, QR codes. `{% load web %}`; see web/COMPONENTS.md."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import segno
from django import template
from django.conf import settings
from django.forms import BaseForm, BoundField
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from boai.web.components import component_render
from boai.web.fields import field_values

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of our sprite; decoration only, so hidden from screen readers. A list page shows a hundred of them."""
    return _icon(name, settings.STATIC_URL)


@lru_cache(maxsize=256)
def _icon(name: str, base: str) -> SafeString:
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static("web/icons.svg"), name)


@register.simple_tag(takes_context=True)
def part(context: Context, component: str, **values: Any) -> SafeString:
    """A component without a body: `{% part "badge" text=row.state_name tone="ok" %}`."""
    return component_render(context, component, values)


@register.simple_block_tag(takes_context=True)
def wrap(context: Context, content: str, component: str, **values: Any) -> SafeString:
    """A component around a body: `{% wrap "card" title=_("Facts") %}…{% endwrap %}`."""
    return component_render(context, component, values | {"body": content if content.strip() else ""})


@register.simple_block_tag
def keep(content: str) -> SafeString:
    """Remember what is rendered, to say it twice: `{% keep as heading %}…{% endkeep %}`. The engine has escaped it."""
    return SafeString(content.strip())


@register.simple_tag(takes_context=True)
def field(context: Context, bound: BoundField, **options: Any) -> SafeString:
    """One form field with its label, help and error."""
    return component_render(context, "field", field_values(bound, **options))


@register.simple_tag(takes_context=True)
def fields(context: Context, form: BaseForm) -> SafeString:
    """All visible fields of a form in order, then the hidden ones."""
    visible = [component_render(context, "field", field_values(bound)) for bound in form.visible_fields()]
    hidden = [str(bound) for bound in form.hidden_fields()]
    return format_html_join("\n", "{}", ((SafeString(html),) for html in visible + hidden))


@register.simple_tag
def bad_fields_of(form: BaseForm) -> int:
    """How many fields of a form have something wrong; what is wrong with the form as a whole does not count."""
    return len([name for name in form.errors if name in form.fields])


@register.filter
def groups(code: str | None, size: int = 4) -> str:
    """A code in groups that can be read aloud: "7KQ2MX9P" → "7KQ2 MX9P"; anything else (an address) as it is."""
    text = str(code or "")
    if not (text.isalnum() and text.isascii() and len(text) <= 24):
        return text
    return " ".join(text[i : i + size] for i in range(0, len(text), size))


@register.filter
def filesize_zh(size: int | None) -> str:
    """Bytes as "532 B", "18 KB", "1.2 MB"."""
    if size is None:
        return ""
    if size < 1024:
        return f"{size} B"
    if size < 1024 * 1024:
        return f"{size / 1024:.0f} KB"
    return f"{size / 1024 / 1024:.1f} MB"


@register.filter
def device(user_agent: str) -> str:
    """A browser's long name of itself as people say it: "Chrome · Windows", "微信 · Android"."""
    browsers = {
        "MicroMessenger": _("WeChat"),
        "Edg": "Edge",
        "Firefox": "Firefox",
        "Chrome": "Chrome",
        "Safari": "Safari",
    }
    systems = {
        "Android": "Android",
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Windows": "Windows",
        "Mac OS": "Mac",
        "Linux": "Linux",
    }
    found = [next((name for mark, name in kind.items() if mark in user_agent), "") for kind in (browsers, systems)]
    return " · ".join(part for part in found if part) or _("Unknown device")


@register.simple_tag
def qr(text: str, alt: str = "") -> SafeString:
    """A QR code (error correction M, as paper gets creased) as an image that lies in the page itself."""
    address = segno.make(text, error="m", micro=False).svg_data_uri(border=0, dark="#000", scale=4)
    return format_html('<img class="qr" src="{}" alt="{}" width="120" height="120">', address, alt or _("QR code"))


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """The present query string with some values replaced; None drops one: `?{% query page=None sort="-at" %}`."""
    values = context["request"].GET.copy()
    for key, value in changes.items():
        if value is None:
            values.pop(key, None)
        else:
            values[key] = str(value)
    return str(values.urlencode())
