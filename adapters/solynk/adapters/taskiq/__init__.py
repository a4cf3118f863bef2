"""Hints and ticks between processes, by taskiq over Redis Streams.

Messages carry an id and nothing else; results and retries of taskiq are not used. A wiped Redis
loses no work: every worker also polls the database.
"""

from solynk.adapters.taskiq.brokers import in_process_broker, ping, redis_broker
from solynk.adapters.taskiq.listening import Listener
from solynk.adapters.taskiq.waker import WORK, TaskiqWaker

__all__ = ["WORK", "Listener", "TaskiqWaker", "in_process_broker", "ping", "redis_broker"]
