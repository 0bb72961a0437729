"""Blocked, and let in again. Words that could not be delivered meanwhile come by themselves."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.types import ChatMemberUpdated, Update

from bot.handlers.chats import in_private
from bot.middlewares import profile_of
from core import Users


def router() -> Router:
    membership = Router(name="membership")
    membership.my_chat_member.register(change, in_private)
    return membership


async def change(
    membership: ChatMemberUpdated, bot: Bot, users: Users, event_update: Update
) -> None:
    if membership.new_chat_member.status == "kicked":
        await users.set_unreachable(membership.chat.id)
    else:
        key = f"tg:{bot.id}:{event_update.update_id}"
        await users.sign_in(membership.chat.id, profile_of(membership.from_user), key)
