"""Who somebody is and what he may do."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db.models import QuerySet


class PostsBackend(ModelBackend):
    """Accounts by their password; what they may do comes from the groups of their posts and from nothing else.

    A permission given to one account by itself would be seen in no table of roles and would outlast every post, so none
    counts.
    """

    def _get_user_permissions(self, user_obj: Any) -> QuerySet[Permission]:
        return Permission.objects.none()
