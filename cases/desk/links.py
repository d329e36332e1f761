"""Links on the page of a matter, and buttons above the list of them, to what rooms above can do about it.

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
OF_SEVERAL: list[Link] = []


def add_link(link: Link) -> None:
    """Put a link on the page of every matter; added twice, it is there once."""
    if link not in OF_A_MATTER:
        OF_A_MATTER.append(link)


def add_button(link: Link) -> None:
    """Put a button above the list of matters, for those that are ticked; its page takes as many `matter`."""
    if link not in OF_SEVERAL:
        OF_SEVERAL.append(link)


def buttons_of(officer: Officer) -> list[tuple[str, str]]:
    """Titles and addresses of what an officer may do about several matters at once."""
    return [(link.title, reverse(link.page)) for link in OF_SEVERAL if officer.has_perm(link.permission)]


def links_of(matter: Matter, officer: Officer) -> list[tuple[str, str]]:
    """Titles and addresses of what an officer may do about a matter."""
    return [
        (link.title, f"{reverse(link.page)}?matter={matter.pk}")
        for link in OF_A_MATTER
        if officer.has_perm(link.permission)
    ]
