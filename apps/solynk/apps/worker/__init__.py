"""Workers and the scheduler: the engine's work, spread by taskiq, found by polling."""

from solynk.apps.worker.running import run_scheduler, run_worker
from solynk.apps.worker.tasks import register

__all__ = ["register", "run_scheduler", "run_worker"]
