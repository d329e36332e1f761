"""Pages: the admin is the whole site and stands at the root; pages of the rooms stand beside its own."""

from django.contrib import admin
from django.urls import include, path

from config.health import health, readiness
from config.metrics import metrics
from config.site import replace_pages

replace_pages()

handler500 = "config.trouble.server_error"

urlpatterns = [
    path("healthz", health, name="health"),
    path("readyz", readiness, name="readiness"),
    path("metrics", metrics, name="metrics"),
    path("", include("cases.desk.urls")),
    path("", include("supervision.accounts.urls")),
    path("", include("cases.audit.urls")),
    path("", include("supervision.exports.urls")),
    path("", include("supervision.retention.urls")),
    path("", include("supervision.units.urls")),
    path("", include("supervision.rectification.urls")),
    path("", include("supervision.alerts.urls")),
    path("", include("supervision.followup.urls")),
    path("", include("supervision.proceedings.urls")),
    path("", include("supervision.petitions.urls")),
    path("", include("supervision.returnvisits.urls")),
    path("", include("supervision.reviews.urls")),
    path("", include("supervision.property.urls")),
    path("", include("supervision.custody.urls")),
    path("", include("supervision.expedited.urls")),
    path("", include("supervision.inspections.urls")),
    path("", include("supervision.campaigns.urls")),
    path("", include("supervision.handovers.urls")),
    path("", include("supervision.evaluation.urls")),
    path("", include("supervision.archives.urls")),
    path("", include("supervision.bulletins.urls")),
    path("", include("supervision.operations.urls")),
    path("", include("supervision.api.urls")),
    path("", admin.site.urls),
]
