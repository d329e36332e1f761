"""All settings, read from the environment (`config.env`).

Two lives. With no variable set this is a first look: SQLite in DATA_DIR, secrets made once and kept there, pages for
this machine only. It is production as soon as DATABASE_URL names PostgreSQL or ALLOWED_HOSTS names another machine;
then nothing that is only good for a first look is accepted (`config.checks`). HTTPS is not a variable of its own: who
serves other machines serves them over HTTPS.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE

from config.env import LOCAL_HOSTS, Environment, remembered_port
from config.logs import FORMATS, logging_of
from config.theme import UNFOLD as UNFOLD

ROOT = Path(__file__).resolve().parent.parent

environment = Environment(os.environ)

# --- which life ---

DATA_DIR = environment.folder("DATA_DIR", default=ROOT / ".data")
RUN_DIR = DATA_DIR / "run"

ALLOWED_HOSTS = environment.hosts("ALLOWED_HOSTS")
_database = environment.database("DATABASE_URL", default=f"sqlite:///{quote(str(DATA_DIR / 'dingban.sqlite3'))}")

POSTGRESQL = _database["ENGINE"] == "django.db.backends.postgresql"
SERVES_OTHERS = not set(ALLOWED_HOSTS) <= set(LOCAL_HOSTS)
PRODUCTION = POSTGRESQL or SERVES_OTHERS

DEBUG = environment.switch("DEBUG", default=False)
SECRET_KEY = environment.secret("SECRET_KEY", kept_in=None if PRODUCTION else DATA_DIR / "secret_key")
FIELD_KEYS = environment.field_keys("FIELD_KEYS", kept_in=None if PRODUCTION else DATA_DIR / "field_keys")

# Variables that production must name and this environment does not; told by config.checks.
LEFT_AT_FIRST_LOOK = tuple(
    name
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "FIELD_KEYS")
    if environment.given(name) is None
)

# --- the house ---

INSTALLED_APPS = [
    "config",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_filters",
    "django_celery_beat",
    "axes",
    "csp",
    "cases",
    "supervision.accounts",
    "cases.audit",
    "supervision.exports",
    "supervision.retention",
    "supervision.units",
    "supervision.rectification",
    "supervision.alerts",
    "supervision.followup",
    "supervision.proceedings",
    "supervision.property",
    "supervision.petitions",
    "supervision.returnvisits",
    "supervision.reviews",
    "supervision.custody",
    "supervision.expedited",
    "supervision.inspections",
    "supervision.campaigns",
    "supervision.handovers",
    "supervision.evaluation",
    "supervision.archives",
    "supervision.bulletins",
    "supervision.webhooks",
    "supervision.operations",
    "supervision.api",
]

MIDDLEWARE = [
    "config.tracing.TraceRequests",
    "config.counting.CountRequests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.sessions.RenewSession",
    "cases.audit.middleware.SignChanges",
    "django.contrib.messages.middleware.MessageMiddleware",
    "supervision.accounts.gate.Gate",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- the database ---

DATABASES: dict[str, dict[str, Any]] = {"default": _database}
if _database["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a transaction that will write says so at once and waits its turn; one that starts by reading and then
    # wants to write would be refused without waiting.
    _database["OPTIONS"] = {
        **_database.get("OPTIONS", {}),
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
elif POSTGRESQL:
    _database.setdefault("CONN_MAX_AGE", 600)
    _database.setdefault("CONN_HEALTH_CHECKS", True)
    _database["OPTIONS"] = {"pool": False, **_database.get("OPTIONS", {})}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people ---

AUTH_USER_MODEL = "cases.Officer"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "config.backends.PostsBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "supervision.accounts.passwords.EnoughClasses", "OPTIONS": {"classes": 3}},
    {"NAME": "supervision.accounts.passwords.NotOneself"},
    {"NAME": "supervision.accounts.passwords.NotUsedBefore"},
]
# A password lives so many days (0: for ever), and none of the latest so many is chosen again.
PASSWORD_DAYS = environment.number("PASSWORD_DAYS", default=90, least=0, most=3650)
PASSWORD_HISTORY = environment.number("PASSWORD_HISTORY", default=5, least=0, most=24)

# Whether administrators and leaders must have a second factor; anybody may. What was asked for is judged by
# config.checks: production accepts nothing but "required".
SECOND_FACTOR_ASKED = environment.choice(
    "SECOND_FACTOR", ("required", "optional"), default="required" if PRODUCTION else "optional"
)
SECOND_FACTOR = SECOND_FACTOR_ASKED

# Administrators come from these networks only, if any are named. Behind proxies an address is what these say it is.
ADMIN_NETWORKS = environment.networks("ADMIN_NETWORKS")
TRUSTED_PROXIES = environment.networks("TRUSTED_PROXIES")
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# The field of the sign-in form, which is not called after the model's own field; with the wrong name the fifth wrong
# password would be answered with a refusal and the sixth, right one, let in.
AXES_USERNAME_FORM_FIELD = "username"
# By name and address together: by name alone anybody could lock an officer out, by address alone one officer could
# lock out a station that shares an address.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "supervision.accounts.addresses.known_address_of"
AXES_LOCKOUT_CALLABLE = "config.lockout.refuse"
AXES_VERBOSE = False

SESSION_COOKIE_AGE = 30 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# One account is signed in in so many browsers; one more, and the oldest is out.
SESSIONS_AT_ONCE = environment.number("SESSIONS_AT_ONCE", default=3, least=1, most=100)

# --- what a browser may do ---

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # The admin theme evaluates its Alpine.js expressions.
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

if SERVES_OTHERS:
    SECURE_SSL_REDIRECT = True
    # A load balancer asks for health, and a collector for metrics, over plain HTTP.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# --- words and hours ---

LANGUAGE_CODE = "zh-hans"
LOCALE_PATHS = [ROOT / "config" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- static files ---

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MEDIA_ROOT = DATA_DIR / "files"
# A first look serves straight from the sources and needs no collectstatic.
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_MAX_AGE = 60 if PRODUCTION else 0

# --- evidence ---

# A file of evidence may be this large. More than a scan of twenty pages or a few photographs is not evidence but an archive.
EVIDENCE_MB_AT_MOST = 20
# The command that searches evidence for viruses, the file's path is put after it: exit status 0 clean, 1 infected, as
# clamdscan answers. Empty: files are taken in unsearched, and say so.
EVIDENCE_SCANNER = environment.given("EVIDENCE_SCANNER") or ""

# --- audit ---

# Days for which the change log and the record of what was looked at and exported are kept; the law asks six months.
AUDIT_KEEP_DAYS = environment.days("AUDIT_KEEP_DAYS", default=1096)
# sha256, or sm3 where the cryptographic library of the machine has it. Each seal says which it was made with.
AUDIT_DIGEST = environment.given("AUDIT_DIGEST") or "sha256"

# --- exports ---

# So many rows leave without asking; one more, or what is sensitive, is asked for and approved by another person. These
# numbers are ours: no law names them.
EXPORT_ROWS_FREELY = environment.number("EXPORT_ROWS_FREELY", default=1000, least=0, most=1_000_000)
# How many days what was approved may be taken, and how many times.
EXPORT_DAYS = environment.number("EXPORT_DAYS", default=3, least=1, most=30)
EXPORT_DOWNLOADS = environment.number("EXPORT_DOWNLOADS", default=3, least=1, most=20)
# Where every file passes before it is handed over.
EXPORT_GATE = "supervision.exports.gate.pass_gate"

# --- retention ---

# The bureau's own file of how long each kind of record is kept; empty: the one that comes with the product.
RETENTION_FILE = environment.given("RETENTION_FILE") or ""

# --- papers ---

# Where the bureau keeps the fonts it has licences for (仿宋_GB2312, 楷体_GB2312, 黑体, 方正小标宋简体). PDF is set in these
# first; without them, and for signs they lack, in two free ones that come with the product.
FONT_DIR = environment.readable_folder("FONT_DIR")

# --- mail ---

_mail = environment.mail(
    "EMAIL_URL", default=f"smtp://127.0.0.1:{remembered_port(RUN_DIR / 'mail.port', default=10025)}"
)
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail["EMAIL_HOST"]
EMAIL_PORT = _mail["EMAIL_PORT"]
EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 20
# A mail bears the hour of the bureau that sent it.
EMAIL_USE_LOCALTIME = True
DEFAULT_FROM_EMAIL = _mail.get("DEFAULT_FROM_EMAIL", f"dingban@{ALLOWED_HOSTS[0].lstrip('.')}")

# Mails can link to pages only where the site's address is known.
SITE_URL = environment.site("SITE_URL")
# The secrets of gateways by the names that channels know them by; rows hold names only.
GATEWAY_SECRETS = environment.named("GATEWAY_SECRET_")

# --- what other systems are told ---

# Where events may be sent to; nowhere unless somebody who has the server in his hands says so. The secrets by which
# receivers know that it is us, by the names that subscriptions know them by.
WEBHOOK_HOSTS = environment.ends("WEBHOOK_HOSTS")
WEBHOOK_SECRETS = environment.named("WEBHOOK_SECRET_")

# --- the queue ---

REDIS_URL = environment.queue(
    "REDIS_URL", default=f"redis://127.0.0.1:{remembered_port(RUN_DIR / 'redis.port', default=16379)}/0"
)
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A worker waits for its queue however long that is away.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# The queue is never the truth: who hands work over does not wait long for it, the timetable finds it again.
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1, "interval_step": 0.1, "interval_max": 0.2}
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 6 * 3600}
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# SQLite has one writer; a second worker process would only wait for it.
CELERY_WORKER_CONCURRENCY = None if POSTGRESQL else 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_BEAT_SCHEDULER = "config.beat:Timetable"
CELERY_TIMEZONE = TIME_ZONE

# --- counts of the public form ---

# Beside the queue, so that all processes count together. Whoever waits for an answer is a person: a server that does not
# answer at once is done without (`supervision.returnvisits.rates`).
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "rates": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "dingban-rates",
        "OPTIONS": {"socket_connect_timeout": 0.3, "socket_timeout": 0.3},
    },
}

# --- who may read the metrics ---

# Behind a proxy an address is what TRUSTED_PROXIES say it is.
METRICS_NETWORKS = environment.networks("METRICS_NETWORKS", default="127.0.0.0/8,::1/128")
# --- the API ---

# Neither framework is an app of its own: the pages, words and files they bring are not wanted.
# How often one token may call in a minute.
API_CALLS_A_MINUTE = environment.number("API_CALLS_A_MINUTE", default=600, least=1, most=100_000)
# How large a body may be that brings rows in.
API_INTAKE_MB_AT_MOST = environment.number("API_INTAKE_MB_AT_MOST", default=20, least=1, most=200)
REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "supervision.api.schema.Described"}
SPECTACULAR_SETTINGS = {
    "TITLE": "盯办接口",
    "DESCRIPTION": "读取执法办案时限监督的数据，送入办案节点。日期为上海当地日，时刻带时区。",
    "VERSION": "1",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    # Both kinds of rows call it level.
    "ENUM_NAME_OVERRIDES": {"UnitLevelEnum": "cases.models.UnitLevel", "AlertLevelEnum": "cases.models.Level"},
}

# --- logs ---

# One line a record: text to be read along, JSON for whoever collects it.
LOG_FORMAT = environment.choice("LOG_FORMAT", FORMATS, default="json" if PRODUCTION and not DEBUG else "text")
LOGGING = logging_of(LOG_FORMAT, zone=TIME_ZONE)

FAULTS = tuple(environment.faults)
