"""The environment of every Boai process: database addresses by role, keys, places."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

import psycopg
from psycopg import sql

from boai.launcher.cluster import Cluster
from boai.launcher.failures import LaunchError
from boai.launcher.paths import VAR

OWNER, APP, LOG = "boai_owner", "boai_app", "boai_log"
DATABASE = "boai"
GENERATED = {
    "BOAI_SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "BOAI_MASTER_KEY": lambda: base64.b64encode(secrets.token_bytes(32)).decode(),
    "BOAI_LOG_SEED": lambda: base64.b64encode(secrets.token_bytes(32)).decode(),
    "BOAI_PG_PASSWORD": lambda: secrets.token_urlsafe(24),
}


def keys(folder: Path = VAR) -> dict[str, str]:
    """The secret keys: from the environment, or generated once into var/keys.json (mode 600).

    Whoever loses BOAI_MASTER_KEY loses every sealed field: docs/operations.md says how to keep it.
    """
    path = folder / "keys.json"
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [name for name in GENERATED if name not in kept and name not in os.environ]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        kept |= {name: GENERATED[name]() for name in missing}
        new = path.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(json.dumps(kept, indent=1))
        new.replace(path)
    return {name: os.environ.get(name, kept.get(name, "")) for name in GENERATED}


def role_password(secret: str, role: str) -> str:
    """The password of a database role, derived from the secret key: nothing more to keep."""
    return hmac.new(secret.encode(), f"database role {role}".encode(), hashlib.sha256).hexdigest()[:40]


def with_user(url: str, user: str, password: str) -> str:
    """The same database address for another role."""
    parts = urlsplit(url)
    host = f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"
    return parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}").geturl()


def embedded_urls(cluster: Cluster, secret: str, database: str = DATABASE) -> dict[str, str]:
    """Make the owner role and the database in our own cluster when they are missing; the three addresses."""
    owner_password = role_password(secret, OWNER)
    with cluster.admin() as admin:
        if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone():
            admin.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE CREATEDB").format(sql.Identifier(OWNER)))
        admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(OWNER), sql.Literal(owner_password)))
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            admin.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(OWNER))
            )
    return urls_for(cluster.url(OWNER, owner_password, database), secret)


def urls_for(owner_url: str, secret: str) -> dict[str, str]:
    """Addresses of the three roles, from the owner's."""
    return {
        "BOAI_OWNER_DATABASE_URL": owner_url,
        "BOAI_DATABASE_URL": os.environ.get("BOAI_DATABASE_URL")
        or with_user(owner_url, APP, role_password(secret, APP)),
        "BOAI_LOG_DATABASE_URL": os.environ.get("BOAI_LOG_DATABASE_URL")
        or with_user(owner_url, LOG, role_password(secret, LOG)),
    }


def external_url() -> str | None:
    """DATABASE_URL, checked: it must parse, answer, be PostgreSQL 16 or newer."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        raise LaunchError(
            "DATABASE_URL 应写成 postgres://用户:密码@主机:5432/库名，请改正后再启动。 / "
            "DATABASE_URL must look like postgres://user:password@host:5432/name."
        )
    try:
        with psycopg.connect(url.replace("postgres://", "postgresql://", 1), connect_timeout=5) as connection:
            version = connection.info.server_version
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        host = parts.hostname or parse_qs(parts.query).get("host", [""])[0]
        raise LaunchError(
            f"连不上 DATABASE_URL 所指的数据库({unquote(host)}):{reason}。请检查地址、密码和网络。 / "
            f"Cannot reach the database of DATABASE_URL ({unquote(host)}): {reason}"
        ) from None
    if version < 160000:
        raise LaunchError(
            f"需要 PostgreSQL 16 或更新,DATABASE_URL 所指的是 {version // 10000}。 / PostgreSQL 16 or newer is needed."
        )
    return url


def open_roles(urls: dict[str, str]) -> None:
    """Give the two working roles (made by the first migration) their login and password."""
    with psycopg.connect(urls["BOAI_OWNER_DATABASE_URL"], autocommit=True) as connection:
        for name in ("BOAI_DATABASE_URL", "BOAI_LOG_DATABASE_URL"):
            parts = urlsplit(urls[name])
            role = sql.Identifier(unquote(parts.username or ""))
            connection.execute(
                sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(unquote(parts.password or "")))
            )
