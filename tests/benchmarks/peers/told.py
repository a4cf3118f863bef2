"""What each of the queues is asked: how fast it drains, and how soon an idle worker begins."""

import asyncio
import json
import sys
import time

DONE: list[float] = []
WAITS: list[float] = []


def ended(sent):
    now = time.perf_counter()
    DONE.append(now)
    WAITS.append(now - sent)


async def done(many):
    while len(DONE) < many:  # noqa: ASYNC110 -- the jobs know of no event
        await asyncio.sleep(0.005)


def tell(jobs):
    """From the first job that was done to the last: a worker's own start is not in it."""
    order = sorted(1000 * it for it in WAITS)
    seconds = DONE[jobs - 1] - DONE[0]
    figures = {
        "per second": (jobs - 1) / seconds,
        "p50": order[len(order) // 2],
        "p99": order[int(len(order) * 0.99)],
    }
    sys.stdout.write(json.dumps(figures))
