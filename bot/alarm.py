"""What parts of the bot tell of trouble. Admins hear of it once, however often it is told."""

from __future__ import annotations

from core import CoreError, ModelHealth, Reports


class Alarm:
    """Never waits and never fails; what it is told is written down by `Core.watch_over`."""

    def __init__(self, reports: Reports, health: ModelHealth) -> None:
        self._reports = reports
        self._health = health

    def model_fails(self, error: CoreError) -> None:
        self._health.turn_failed(error)

    def update_failed(self, error: Exception) -> None:
        self._reports.met("update_failed", error=type(error).__name__)

    def second_poller(self, other: str) -> None:
        """To be told as long as it is there."""
        self._reports.met("second_poller", who=other)

    def webhook_elsewhere(self, host: str) -> None:
        """To be told as long as it is so."""
        self._reports.met("webhook_elsewhere", host=host)
