"""The product's settings, in an environment of the tests' own.

Whatever the developer's shell exports is set aside, so that a run never touches a real database, queue or mail server
and means the same everywhere. Only `tests.rigs.postgres` may name another database.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

ON_POSTGRESQL = "TESTS_ON_POSTGRESQL"
FOLDER = "TESTS_FOLDER"

for _name in (
    "DEBUG",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "REDIS_URL",
    "EMAIL_URL",
    "DATA_DIR",
    "FIELD_KEYS",
    "EVIDENCE_SCANNER",
    "FONT_DIR",
    "METRICS_NETWORKS",
    "LOG_FORMAT",
    "SITE_URL",
    "PASSWORD_DAYS",
    "PASSWORD_HISTORY",
    "SECOND_FACTOR",
    "ADMIN_NETWORKS",
    "TRUSTED_PROXIES",
    "SESSIONS_AT_ONCE",
    "WEBHOOK_HOSTS",
    "API_CALLS_A_MINUTE",
    "API_INTAKE_MB_AT_MOST",
):
    os.environ.pop(_name, None)
if ON_POSTGRESQL not in os.environ:
    os.environ.pop("DATABASE_URL", None)

# A process of pytest-xdist ends without saying goodbye: its folder lies in that of the process that started it.
if FOLDER not in os.environ:
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="dingban-tests-")
    atexit.register(shutil.rmtree, os.environ[FOLDER], ignore_errors=True)
_folder = Path(tempfile.mkdtemp(dir=os.environ[FOLDER]))

# Complete, so that processes started by tests accept it as production too. Nobody listens on port 1.
os.environ.update(
    SECRET_KEY="a-secret-of-the-tests-long-enough-to-be-accepted-0123456789",
    FIELD_KEYS="k1:dGhlc2UtdGhpcnR5LXR3by1ieXRlcy1hcmUtYS1rZXk=",
    ALLOWED_HOSTS="localhost,127.0.0.1",
    REDIS_URL="redis://127.0.0.1:1/0",
    EMAIL_URL="smtp://127.0.0.1:1",
    DATA_DIR=str(_folder / "data"),
)

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, POSTGRESQL, STATIC_ROOT, STORAGES  # noqa: E402

STATIC_ROOT.mkdir()
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = False

# Administrators and leaders of tests have no phone; the tests of the second factor ask for it themselves.
SECOND_FACTOR = "optional"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True

if not POSTGRESQL:
    # A file, not memory: threads and other processes can then open the same database, as they do in the product.
    DATABASES["default"]["TEST"] = {"NAME": str(_folder / "test.sqlite3")}
