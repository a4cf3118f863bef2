"""Jobs that do nothing, by arq: `python arq_jobs.py REDIS_URL JOBS PINGS`."""

import asyncio
import sys
import time

from arq import create_pool
from arq.connections import RedisSettings
from arq.worker import Worker
from told import WAITS, done, ended, tell

URL, JOBS, PINGS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
QUEUE = "arq:peer"


async def noop(context, sent):
    del context
    ended(sent)


async def main():
    pool = await create_pool(RedisSettings.from_dsn(URL), default_queue_name=QUEUE)
    for _ in range(JOBS):
        await pool.enqueue_job("noop", time.perf_counter())
    worker = Worker(
        [noop], redis_pool=pool, queue_name=QUEUE, max_jobs=8, poll_delay=0.01, handle_signals=False
    )
    working = asyncio.create_task(worker.async_run())
    await done(JOBS)
    WAITS.clear()
    for number in range(PINGS):
        await pool.enqueue_job("noop", time.perf_counter())
        await done(JOBS + number + 1)
        await asyncio.sleep(0.02)
    working.cancel()
    await asyncio.wait({working})
    tell(JOBS)


asyncio.run(main())
