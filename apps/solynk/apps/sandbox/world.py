"""The whole world in memory: the ground and, on it, one sub-world per vendor.

A sub-world is a module with two names, so that each vendor can be read alone:

    class TelegramWorld:
        def __init__(self, ground: Ground) -> None: ...
        def reset(self) -> None: ...      # forget everything, keep the object
        def places(self) -> list[Place]: ...  # what the start page links to

    def telegram_routes(world: "World") -> list[HTTPRouteHandler]: ...

It books what will happen on `ground.agenda`, queues webhooks in
`ground.deliveries`, and answers its API calls through `answers.answered`.
"""

from datetime import datetime

from solynk.apps.sandbox.ground import Ground
from solynk.apps.sandbox.stripe import StripeWorld
from solynk.apps.sandbox.telegram.routes import TelegramWorld


class World(Ground):
    def __init__(self, *, seed: int = 0, start: datetime | None = None) -> None:
        super().__init__(seed=seed, start=start)
        self.stripe = StripeWorld(self)
        self.telegram = TelegramWorld(self)

    def reset(self, *, seed: int = 0, start: datetime | None = None) -> None:
        super().reset(seed=seed, start=start)
        self.stripe.reset()
        self.telegram.reset()
