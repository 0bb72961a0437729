"""The moderation of the model's server, asked about self-harm alone."""

from __future__ import annotations

import logging

from core.database import Database
from core.llm.failures import CallFailed
from core.llm.moderating import Moderator
from core.tokenscount import moderate_and_log

log = logging.getLogger(__name__)

SECONDS = 3.0
"""Words of an answer wait no longer for it."""

_ABOUT = "self-harm"
_ABSENT = frozenset({"http_404", "http_405", "http_501"})


class ServerModeration:
    """A server that has no moderation is found out once and not asked again."""

    def __init__(self, db: Database, moderator: Moderator, *, seconds: float = SECONDS) -> None:
        self._db = db
        self._moderator = moderator
        self._seconds = seconds
        self._absent = False

    async def flags(self, user_id: str, vision_id: str, text: str) -> bool:
        if self._absent:
            return False
        try:
            moderated = await moderate_and_log(
                db=self._db,
                client=self._moderator,
                clientid=user_id,
                clienttype="user",
                words=text,
                meta={"module": "vision", "visionid": vision_id, "purpose": "moderation"},
                seconds=self._seconds,
            )
        except CallFailed as error:
            self._failed(error)
            return False
        return any(name.startswith(_ABOUT) for name in moderated.categories)

    def _failed(self, error: CallFailed) -> None:
        if error.code in _ABSENT or error.rejected == "model":
            self._absent = True
            log.warning(
                "%s has no moderation %s (%s): the list of phrases is all there is until the next"
                " start",
                self._moderator.provider,
                self._moderator.model,
                error.code,
            )
