"""Solynk's own small world: enough of Stripe and Telegram on localhost.

A separate process with its own store and clock. It imports nothing of Solynk's
core, ports or adapters, since a mistake shared by both would be invisible.
"""

from solynk.apps.sandbox.app import create_app, serve, start_in_process
from solynk.apps.sandbox.world import World

__all__ = ["World", "create_app", "serve", "start_in_process"]
