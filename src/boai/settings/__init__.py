"""Django settings: the only place that reads the environment.

The launcher composes the environment of every process (addresses and passwords of the three database roles, keys);
docs/operations.md lists the variables for those who run Boai under their own supervisor.
"""

from __future__ import annotations

import base64
import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parents[3]
VAR = Path(os.environ.get("BOAI_VAR", ROOT / "var"))


def _database(url: str, **options: Any) -> dict[str, Any]:
    """A Django database dictionary from postgres://user:password@host:port/name (host may be a socket directory)."""
    parts = urlsplit(url)
    query = {k: v[0] for k, v in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", unquote(parts.hostname or "")),
        "PORT": str(parts.port or query.pop("port", "") or ""),
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, **query, **options},
    }


def _flag(name: str, default: str = "0") -> bool:
    return os.environ.get(name, default).lower() in ("1", "true", "yes", "on")


DEBUG = _flag("BOAI_DEBUG")
DEMO = _flag("BOAI_DEMO")
TESTING = _flag("BOAI_TESTING")
SECRET_KEY = os.environ.get("BOAI_SECRET_KEY", "")
BOAI_MASTER_KEY = base64.b64decode(os.environ.get("BOAI_MASTER_KEY", "")) or b"\0" * 32
# Keys that seal nothing new but still open what they sealed, comma-separated: see docs/operations.md.
BOAI_OLD_MASTER_KEYS = [base64.b64decode(k) for k in os.environ.get("BOAI_OLD_MASTER_KEYS", "").split(",") if k.strip()]
BOAI_CIPHER = os.environ.get("BOAI_CIPHER", "aes-256-gcm")  # or sm4-gcm, where the installation must use it
if BOAI_CIPHER not in ("aes-256-gcm", "sm4-gcm"):
    raise ImproperlyConfigured(f"BOAI_CIPHER must be aes-256-gcm or sm4-gcm, not {BOAI_CIPHER!r}")
BOAI_LOG_SEED = base64.b64decode(os.environ.get("BOAI_LOG_SEED", ""))
BOAI_LOG_ORIGIN = os.environ.get("BOAI_LOG_ORIGIN", "boai.local/log/sha256")
BOAI_VERSION = "0.1.0"
ALLOWED_HOSTS = [h for h in os.environ.get("BOAI_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if h]
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("BOAI_ORIGINS", "").split(",") if o]
BEHIND_TLS = _flag("BOAI_TLS")

INSTALLED_APPS = [
    "boai.web",
    "boai.demo",
    "boai.portal",
    "boai.journeys",
    "boai.relief",
    "boai.governance",
    "boai.visits",
    "boai.ledger",
    "boai.registry",
    "boai.rulebook",
    "boai.files",
    "boai.messages",
    "boai.people",
    "boai.regions",
    "boai.audit",
    "boai.kernel",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "procrastinate.contrib.django",
    "csp",
]

MIDDLEWARE = [
    "boai.web.oversize.HeardOut",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "boai.web.middleware.CalmFailures",
    "boai.web.middleware.Sessions",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "boai.web.middleware.WhoLooks",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "boai.web.middleware.ActAsPost",
]

ROOT_URLCONF = "boai.web.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "boai.web.context.shell",
            ],
        },
    }
]

# --- database: three roles of one PostgreSQL ---
DATABASES = {"default": _database(os.environ.get("BOAI_DATABASE_URL", "postgres://boai_app@localhost/boai"))}
if os.environ.get("BOAI_OWNER_DATABASE_URL"):
    DATABASES["owner"] = _database(os.environ["BOAI_OWNER_DATABASE_URL"])
if os.environ.get("BOAI_LOG_DATABASE_URL"):
    DATABASES["log"] = _database(os.environ["BOAI_LOG_DATABASE_URL"])
DATABASE_ROUTERS = ["boai.kernel.routers.OneDatabase"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PROCRASTINATE_ON_APP_READY = None
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"

# --- sign-in -----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "start"
ACCOUNT_ADAPTER = "boai.people.adapter.StaffAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_RATE_LIMITS = {
    "login_failed": "30/5m/ip,5/5m/key",
    "login": "60/m/ip",
}  # a whole office sits behind one address
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("BOAI_PROXIES", "0"))
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or DEMO or TESTING
MFA_TOTP_ISSUER = "博爱 Boai"
MFA_ADAPTER = "boai.people.adapter.SealedSecrets"
USERSESSIONS_TRACK_ACTIVITY = True
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "boai.web.failures.csrf_failed"

# --- what leaves the server ---
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if BEHIND_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- language, time, static ---
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or TESTING

# --- uploads and files ---
BOAI_FILES_DIR = Path(os.environ.get("BOAI_FILES_DIR", VAR / "files"))
BOAI_S3: dict[str, str] = {
    key: os.environ[f"BOAI_S3_{key.upper()}"]
    for key in ("bucket", "endpoint", "region", "access_key", "secret_key")
    if os.environ.get(f"BOAI_S3_{key.upper()}")
}
BOAI_MAX_UPLOAD = int(os.environ.get("BOAI_MAX_UPLOAD", str(100 * 1024 * 1024)))  # bytes, one register file
FILE_UPLOAD_TEMP_DIR = os.environ.get("BOAI_TMP") or None
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler", "boai.files.uploads.SizeGuard"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DATA_UPLOAD_MAX_NUMBER_FILES = 500

# --- messages ---
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if os.environ.get("BOAI_SMTP_HOST")
    else "django.core.mail.backends.dummy.EmailBackend"
)
EMAIL_HOST = os.environ.get("BOAI_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("BOAI_SMTP_PORT", "465"))
EMAIL_HOST_USER = os.environ.get("BOAI_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("BOAI_SMTP_PASSWORD", "")
EMAIL_USE_SSL = _flag("BOAI_SMTP_SSL", "1")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("BOAI_MAIL_FROM", "boai@localhost")
BOAI_GATEWAY_URL = os.environ.get("BOAI_GATEWAY_URL", "")  # signed webhook towards an SMS or WeChat gateway
BOAI_GATEWAY_SECRET = os.environ.get("BOAI_GATEWAY_SECRET", "")
BOAI_PUBLIC_URL = os.environ.get("BOAI_PUBLIC_URL", "http://localhost:8000").rstrip("/")

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "kernel_cache",
        "OPTIONS": {"MAX_ENTRIES": 200_000},  # the counters of guessing live here: the usual 300 would drop them
    }
}
SILENCED_SYSTEM_CHECKS = ["account.W001"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("BOAI_LOG_LEVEL", "WARNING")},
    "loggers": {"django.request": {"level": "ERROR"}, "fontTools": {"level": "ERROR"}, "splink": {"level": "ERROR"}},
}
BOAI_SECOND_FACTOR = _flag("BOAI_SECOND_FACTOR", "0" if DEMO or TESTING else "1")  # roles may demand it
