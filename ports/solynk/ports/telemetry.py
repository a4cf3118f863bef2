"""What is counted and measured, without personal data."""

from typing import Protocol


class Telemetry(Protocol):
    """Labels are few and never hold a person, an e-mail or a token. It never raises."""

    def count(self, name: str, **labels: str) -> None: ...

    def observe(self, name: str, seconds: float, **labels: str) -> None: ...
