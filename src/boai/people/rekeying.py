"""Second factors lie sealed inside of JSON, where no model tells of them: sealed anew when the key changes."""

from __future__ import annotations

import base64
import json
from typing import Any

from django.db import connections, transaction

from boai.kernel.crypto import header, seal, unseal
from boai.kernel.rekeying import OWNER

MFA = "mfa"


def factors_reseal() -> int:
    """TOTP secrets and recovery seeds; the number of factors that were written anew."""
    done = 0
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute("SELECT id, data::text FROM mfa_authenticator ORDER BY id FOR UPDATE")
        for key, text in cursor.fetchall():
            before = json.loads(text)
            after = {name: _anew(value) for name, value in before.items()}
            if after != before:
                cursor.execute("UPDATE mfa_authenticator SET data = %s::jsonb WHERE id = %s", [json.dumps(after), key])
                done += 1
    return done


def _anew(value: Any) -> Any:
    """A sealed text under the present key; anything else as it is."""
    if isinstance(value, list):
        return [_anew(one) for one in value]
    if not isinstance(value, str):
        return value
    try:
        sealed = base64.b64decode(value, validate=True)
        if sealed.startswith(header()):
            return value
        return base64.b64encode(seal(unseal(sealed, MFA), MFA)).decode()
    except ValueError:
        return value
