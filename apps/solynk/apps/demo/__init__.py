"""`solynk demo`: the main job on real input, told as a timeline that checks itself."""

from solynk.apps.demo.processes import NotStartedError
from solynk.apps.demo.running import demo

__all__ = ["NotStartedError", "demo"]
