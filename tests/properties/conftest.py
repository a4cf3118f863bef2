"""Every run tries the same examples, unless HYPOTHESIS_PROFILE=explore asks for fresh ones.

`quick` tries few, for what runs the tests a thousand times.
"""

import os

from hypothesis import HealthCheck, settings

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)

settings.register_profile(
    "steady",
    max_examples=200,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=SLOW,
)
settings.register_profile(
    "explore",
    settings.get_profile("steady"),
    derandomize=False,
    max_examples=3000,
    print_blob=True,
)
settings.register_profile("quick", settings.get_profile("steady"), max_examples=25)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "steady")
settings.load_profile(PROFILE)


def pytest_report_header() -> str:
    seed = "chosen per run, see --hypothesis-seed" if PROFILE == "explore" else "derandomized"
    return f"hypothesis: profile {PROFILE}, seed {seed}"
