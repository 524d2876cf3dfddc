"""A pass: what somebody has shown (case code and phone, receipt number), sealed into a cookie for a short while.

So that no address ever carries a code or a phone number, and going back or reloading works without typing again.
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime, timedelta

from boai.kernel.crypto import seal, unseal

LASTS = timedelta(minutes=30)


def pass_make(purpose: str, facts: dict[str, str], *, at: datetime) -> str:
    """Seal facts for `purpose`; the text is fit for a cookie."""
    until = int((at + LASTS).timestamp())
    text = json.dumps({"until": until, "facts": facts}, ensure_ascii=False)
    return base64.urlsafe_b64encode(seal(text, f"portal-pass-{purpose}")).decode().rstrip("=")


def pass_read(purpose: str, text: str, *, at: datetime) -> dict[str, str] | None:
    """The facts of a pass that still lasts; None for anything else, forged ones included."""
    try:
        sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        content = json.loads(unseal(sealed, f"portal-pass-{purpose}"))
    except (ValueError, binascii.Error):
        return None
    if content["until"] <= at.timestamp():
        return None
    return {str(key): str(value) for key, value in content["facts"].items()}
