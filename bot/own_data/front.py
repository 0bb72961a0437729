"""The archive on its way to the chat, and the last word of all."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress

from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramForbiddenError,
)
from aiogram.types import InputFile

from bot.delivery.attachments import SLOWEST_UPLOAD
from bot.own_data.words import ArchiveWords
from bot.telegram import REQUEST_SECONDS, DoneUnreadably
from bot.texts import Texts, Words
from core import ExportJob, ReadyVolume, Unavailable, Unreachable

log = logging.getLogger(__name__)

LEFT_OUT_LISTED = 20


class Zip(InputFile):
    """A volume, read from its beginning each time."""

    def __init__(self, volume: ReadyVolume, name: str) -> None:
        super().__init__(filename=f"{name}.zip")
        self._volume = volume

    def read(self, bot: Bot) -> AsyncGenerator[bytes, None]:
        return self._volume.read()


class TelegramExports:
    """See core's ExportFront."""

    def __init__(self, bot: Bot, texts: Texts) -> None:
        self._bot = bot
        self._texts = texts
        self._shown: dict[str, tuple[int, str]] = {}

    def words(self, job: ExportJob) -> ArchiveWords:
        return ArchiveWords(job, self._texts.words(job.language))

    async def progress(self, job: ExportJob, percent: int) -> int | None:
        words = self._texts.words(job.language)
        return await self._show(job, words("own-export-progress", percent=percent))

    async def send(self, job: ExportJob, volume: ReadyVolume, *, last: bool) -> None:
        words = self._texts.words(job.language)
        number = volume.number
        if number == 1 and last:
            name = words.plain("own-export-file")
            caption = words.plain("own-export-caption")
        else:
            name = words.plain("own-export-file-part", number=number)
            caption = words.plain("own-export-caption-part", number=number)
        try:
            await self._send(job, Zip(volume, name), volume.size, caption)
        except DoneUnreadably:
            return
        except TelegramForbiddenError as error:
            raise Unreachable("the person has blocked the bot") from error
        except AiogramError as error:
            raise Unavailable(f"Telegram: {type(error).__name__}") from error

    async def _send(self, job: ExportJob, file: Zip, size: int, caption: str) -> None:
        for thread_id in dict.fromkeys((job.thread_id, None)):
            try:
                await self._bot.send_document(
                    job.chat_id,
                    file,
                    caption=caption,
                    message_thread_id=thread_id,
                    disable_content_type_detection=True,
                    request_timeout=round(REQUEST_SECONDS + size / SLOWEST_UPLOAD),
                )
            except TelegramBadRequest as error:
                if thread_id is None or "thread not found" not in error.message:
                    raise
            else:
                return

    async def finished(self, job: ExportJob, volumes: int, left_out: Sequence[str]) -> None:
        words = self._texts.words(job.language)
        said = words("own-export-done", volumes=volumes)
        if left_out:
            names = [name.rpartition("/")[2] for name in left_out[:LEFT_OUT_LISTED]]
            listed = "\n".join(f"• {name}" for name in names)
            said += "\n\n" + words("own-export-left-out", count=len(left_out), files=listed)
        await self._show(job, said)
        self._shown.pop(job.id, None)

    async def failed(self, job: ExportJob) -> None:
        await self._show(job, self._texts.words(job.language)("own-export-failed"))
        self._shown.pop(job.id, None)

    async def _show(self, job: ExportJob, html: str) -> int | None:
        """In the message that shows the progress; it may be gone, and then there is a new one."""
        known, before = self._shown.get(job.id, (job.message_id, ""))
        if before == html:
            return known
        try:
            if known is None:
                known = await self._say(job, html)
            else:
                await self._bot.edit_message_text(
                    html, chat_id=job.chat_id, message_id=known, parse_mode="HTML"
                )
        except TelegramBadRequest as error:
            if "not found" in error.message or "can't be edited" in error.message:
                with suppress(AiogramError):
                    known = await self._say(job, html)
        except AiogramError as error:
            log.info("the progress of an export is not shown: %s", type(error).__name__)
        if known is not None:
            self._shown[job.id] = (known, html)
        return known

    async def _say(self, job: ExportJob, html: str) -> int:
        message = await self._bot.send_message(
            job.chat_id, html, parse_mode="HTML", message_thread_id=job.thread_id
        )
        return message.message_id


class LastWord:
    """See core's Farewell."""

    def __init__(self, bot: Bot, texts: Texts) -> None:
        self._bot = bot
        self._texts = texts

    async def __call__(self, chat_id: int, language: str) -> None:
        words: Words = self._texts.words(language)
        try:
            await self._bot.send_message(chat_id, words("own-forgotten"), parse_mode="HTML")
        except AiogramError as error:
            log.info("a last word was not heard: %s", type(error).__name__)
