"""Jobs that do nothing, by procrastinate: `python procrastinate_jobs.py DATABASE_URL JOBS PINGS`."""

import asyncio
import sys
import time

import procrastinate
from told import WAITS, done, ended, tell

URL, JOBS, PINGS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=URL))


@app.task(name="noop")
async def noop(sent):
    ended(sent)


async def main():
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for _ in range(JOBS):
            await noop.defer_async(sent=time.perf_counter())
        worker = app.run_worker_async(concurrency=8, install_signal_handlers=False)
        working = asyncio.create_task(worker)
        await done(JOBS)
        WAITS.clear()
        for number in range(PINGS):
            await noop.defer_async(sent=time.perf_counter())
            await done(JOBS + number + 1)
            await asyncio.sleep(0.02)
        working.cancel()
        await asyncio.wait({working})
    tell(JOBS)


asyncio.run(main())
