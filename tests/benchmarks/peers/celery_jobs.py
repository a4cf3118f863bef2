"""Jobs that do nothing, by celery: `python celery_jobs.py REDIS_URL JOBS PINGS`."""

import os
import sys
import threading
import time

from celery import Celery
from told import DONE, WAITS, ended, tell

URL, JOBS, PINGS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
app = Celery("peer", broker=URL)
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    task_default_queue="celery-peer",
    worker_redirect_stdouts=False,
    broker_connection_retry_on_startup=True,
)


@app.task(name="noop")
def noop(sent):
    ended(sent)


def done(many):
    while len(DONE) < many:
        time.sleep(0.005)


def main():
    for _ in range(JOBS):
        noop.delay(time.perf_counter())
    worker = app.Worker(pool="solo", loglevel="ERROR", without_heartbeat=True, without_mingle=True,
                        without_gossip=True, quiet=True)  # fmt: skip
    threading.Thread(target=worker.start, daemon=True).start()
    done(JOBS)
    WAITS.clear()
    for number in range(PINGS):
        noop.delay(time.perf_counter())
        done(JOBS + number + 1)
        time.sleep(0.02)
    tell(JOBS)


main()
sys.stdout.flush()
os._exit(0)  # a worker in a thread has no other end
