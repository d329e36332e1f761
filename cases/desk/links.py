"""Links on the page of a matter to what rooms above can do about it.

A room adds its link when it is set up (`AppConfig.ready`); this room knows no room above it.
"""

from dataclasses import dataclass

from django.urls import reverse

from cases.models import Matter, Officer


@dataclass(frozen=True, slots=True)
class Link:
    """A page that takes the matter as `matter` in its address, for whoever has the permission (`app.codename`)."""

    title: str
    page: str
    permission: str


OF_A_MATTER: list[Link] = []


def add_link(link: Link) -> None:
    """Put a link on the page of every matter; added twice, it is there once."""
    if link not in OF_A_MATTER:
        OF_A_MATTER.append(link)


def links_of(matter: Matter, officer: Officer) -> list[tuple[str, str]]:
    """Titles and addresses of what an officer may do about a matter."""
    return [
        (link.title, f"{reverse(link.page)}?matter={matter.pk}")
        for link in OF_A_MATTER
        if officer.has_perm(link.permission)
    ]
