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
OLD = "BOAI_OLD_MASTER_KEYS"
"""Master keys that only open what they sealed, comma-separated."""
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
        keys_write(folder, kept)
    return {name: os.environ.get(name, kept.get(name, "")) for name in (*GENERATED, OLD)}


def keys_write(folder: Path, kept: dict[str, str]) -> None:
    """Write var/keys.json: whole or not at all, readable by us alone."""
    new = (folder / "keys.json").with_suffix(".new")
    new.touch(mode=0o600)
    new.write_text(json.dumps(kept, indent=1))
    new.replace(folder / "keys.json")


def role_password(secret: str, role: str) -> str:
    """The password of a database role, derived from the secret key: nothing more to keep."""
    return hmac.new(secret.encode(), f"database role {role}".encode(), hashlib.sha256).hexdigest()[:40]


def with_user(url: str, user: str, password: str) -> str:
    """The same database address for another role."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]  # as it stands: a name, an address in brackets, with or without a port
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
    """DATABASE_URL, checked: it must parse, answer, be PostgreSQL 16 or newer in UTF-8, and be ours to build in."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        return None
    host = _host_of(url)
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            _check_server(connection)
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0].removeprefix("connection failed: ").rstrip(".?")
        raise LaunchError(
            f"连不上 DATABASE_URL 所指的数据库（{host}）：{reason}。请检查地址、密码和网络。 / "
            f"Cannot reach the database of DATABASE_URL ({host}): {reason}. Check address, password and network."
        ) from None
    return url


def _host_of(url: str) -> str:
    try:
        parts = urlsplit(url)
        well_formed = parts.scheme in ("postgres", "postgresql") and parts.path.strip("/") and parts.port != 0
    except ValueError:  # a port that is no number, a bracket that is not closed
        well_formed = False
    if not well_formed:
        raise LaunchError(
            "DATABASE_URL 应写成 postgres://用户:密码@主机:5432/库名，密码里的特殊字符写成 %XX，请改正后再启动。 / "
            "DATABASE_URL must look like postgres://user:password@host:5432/name, with special characters of the "
            "password as %XX."
        )
    return parts.hostname or unquote(parse_qs(parts.query).get("host", [""])[0])


def _check_server(connection: psycopg.Connection) -> None:
    """Old, in another encoding, or not ours: said before anything is made in it."""
    version = connection.info.server_version
    if version < 160000:
        raise LaunchError(
            f"需要 PostgreSQL 16 或更新，DATABASE_URL 所指的是 {version // 10000}。 / "
            f"PostgreSQL 16 or newer is needed; DATABASE_URL leads to {version // 10000}."
        )
    encoding, owner, maker = connection.execute(
        """SELECT current_setting('server_encoding'), pg_has_role(d.datdba, 'MEMBER'),
                  r.rolcreaterole OR r.rolsuper OR (SELECT count(*) = 2 FROM pg_roles WHERE rolname = ANY(%s))
           FROM pg_database d, pg_roles r WHERE d.datname = current_database() AND r.rolname = current_user""",
        [[APP, LOG]],
    ).fetchone() or ("", False, False)
    name, role = connection.info.dbname, connection.info.user
    if encoding != "UTF8":
        raise LaunchError(
            f"数据库 {name} 的编码是 {encoding}，请用 UTF8 新建一个。 / "
            f"The database {name} is encoded in {encoding}; make one in UTF8."
        )
    if not owner:
        raise LaunchError(
            f"DATABASE_URL 里的角色 {role} 不是数据库 {name} 的所有者，请由管理员执行："
            f"ALTER DATABASE {name} OWNER TO {role} / "
            f"The role {role} of DATABASE_URL does not own the database {name}. As an administrator run: "
            f"ALTER DATABASE {name} OWNER TO {role}"
        )
    if not maker:
        raise LaunchError(
            f"角色 {role} 不能建立 {APP} 和 {LOG} 两个角色，请由管理员执行：ALTER ROLE {role} CREATEROLE / "
            f"The role {role} may not make the roles {APP} and {LOG}. As an administrator run: "
            f"ALTER ROLE {role} CREATEROLE"
        )


def open_roles(urls: dict[str, str]) -> None:
    """See that the two working roles (made by the first migration) can sign in; give them their password if not."""
    closed = [name for name in ("BOAI_DATABASE_URL", "BOAI_LOG_DATABASE_URL") if not _opens(urls[name])]
    if not closed:
        return
    with psycopg.connect(urls["BOAI_OWNER_DATABASE_URL"], autocommit=True) as connection:
        for name in closed:
            parts = urlsplit(urls[name])
            role = sql.Identifier(unquote(parts.username or ""))
            try:
                connection.execute(
                    sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(unquote(parts.password or "")))
                )
            except psycopg.errors.InsufficientPrivilege:
                raise LaunchError(
                    f"角色 {parts.username} 登录不了，DATABASE_URL 里的角色也无权给它设密码："
                    f"请把它的地址写进 {name}。 / "
                    f"The role {parts.username} cannot sign in and the role of DATABASE_URL may not give it "
                    f"a password: put its address into {name}."
                ) from None


def _opens(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True
