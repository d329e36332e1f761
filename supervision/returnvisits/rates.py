"""How often the public form may be called: so many times in a window of time, counted in the cache.

Counted is the digest of an address handed out, and all calls together; never who calls: no network address, no device,
no cookie. The counts lie in Redis, where every process sees the same; where it does not answer each process counts for
itself in its own memory, so that the form goes on and the bound is as many times wider as there are processes.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls in so many seconds; windows stand side by side and begin with the epoch."""

    name: str
    most: int
    seconds: int

    def lets_through(self, key: str, *, at: datetime) -> bool:
        """Whether one more call is let through at a moment; it counts, let through or not."""
        window = int(at.timestamp()) // self.seconds
        name = f"{self.name}:{key}:{window}"
        try:
            return self._count(caches["rates"], name) <= self.most
        except Exception:
            # Whatever the server of the counts says, or does not, people are not turned away for it.
            log.warning("the counts of the public form are not to be had; each process counts for itself")
            return self._count(caches["default"], name) <= self.most

    def _count(self, cache: BaseCache, name: str) -> int:
        cache.add(name, 0, timeout=self.seconds * 2)
        return cache.incr(name)


A_TOKEN = Rate("visits-token", most=20, seconds=600)
THE_FORM = Rate("visits-form", most=300, seconds=60)
