"""The door for gunicorn and other WSGI servers."""

import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from config.checks import wrong_settings  # noqa: E402  # import here: needs django.setup(), done just above

if faults := wrong_settings():
    raise ImproperlyConfigured("配置有误，不能启动：\n" + "\n".join(f"  {fault}" for fault in faults))
