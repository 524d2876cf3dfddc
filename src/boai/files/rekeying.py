"""Stored files are sealed anew when the master key or the cipher changes."""

from __future__ import annotations

from contextlib import suppress

from django.db import connections

from boai.files.errors import FileMissing
from boai.files.models import object_name
from boai.files.sealing import is_sealed_as, seal_chunks, unseal_chunks
from boai.files.stores import store
from boai.kernel.crypto import header
from boai.kernel.rekeying import OWNER


def files_reseal() -> int:
    """Write every object anew that another key has sealed. A store replaces an object whole or not at all."""
    with connections[OWNER].cursor() as cursor:
        cursor.execute("SELECT id::text FROM files_storedfile WHERE erased_at IS NULL ORDER BY id")
        names = [object_name(file_id) for (file_id,) in cursor.fetchall()]
    done, where = 0, store()
    for name in names:
        with suppress(FileMissing):
            if not is_sealed_as(where.get(name), header()):
                where.put(name, seal_chunks(unseal_chunks(where.get(name), name=name), name=name))
                done += 1
    return done
