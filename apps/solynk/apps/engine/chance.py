"""Chance, for jitter only: it spreads retries, it guards nothing."""

import random


def jitter() -> float:
    return random.random()  # noqa: S311 -- it spreads retries and guards nothing
