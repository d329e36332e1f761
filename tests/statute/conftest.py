"""Hypothesis, the same on every machine and on every run. HYPOTHESIS_EXAMPLES asks for more, once in a while."""

import os

from hypothesis import HealthCheck, settings

examples = int(os.environ.get("HYPOTHESIS_EXAMPLES", "100"))
settings.register_profile(
    "statute",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=examples,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("statute")
