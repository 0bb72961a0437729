"""The table of Bot API methods, by lower-case name: Telegram does not look at the case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.playground import editing, media, profile, sending
from bot.playground.callbacks import Queries
from bot.playground.params import Params
from bot.playground.webhook import Webhooks
from bot.playground.world import Bot, World

Method = Callable[[World, Bot, Params], Any]


def build_methods(queries: Queries, webhooks: Webhooks) -> Mapping[str, Method]:
    methods: dict[str, Method] = {
        "getMe": profile.get_me,
        "logOut": _agree,
        "close": _agree,
        "getChat": profile.get_chat,
        "sendMessage": sending.send_message,
        "sendChatAction": sending.send_chat_action,
        "sendMessageDraft": sending.send_message_draft,
        "sendRichMessage": sending.send_rich,
        "sendRichMessageDraft": sending.send_rich,
        "editMessageText": editing.edit_message_text,
        "editMessageCaption": editing.edit_message_caption,
        "editMessageReplyMarkup": editing.edit_message_reply_markup,
        "deleteMessage": editing.delete_message,
        "deleteMessages": editing.delete_messages,
        "setMessageReaction": editing.set_message_reaction,
        "setWebhook": webhooks.set_webhook,
        "deleteWebhook": webhooks.delete_webhook,
        "getWebhookInfo": webhooks.get_webhook_info,
        "getFile": media.get_file,
        "answerCallbackQuery": queries.answer,
        "setMyCommands": profile.set_my_commands,
        "getMyCommands": profile.get_my_commands,
        "deleteMyCommands": profile.delete_my_commands,
        "setMyName": profile.setter("name", 64),
        "getMyName": profile.getter("name"),
        "setMyDescription": profile.setter("description", 512),
        "getMyDescription": profile.getter("description"),
        "setMyShortDescription": profile.setter("short_description", 120),
        "getMyShortDescription": profile.getter("short_description"),
        "setChatMenuButton": profile.set_chat_menu_button,
        "getChatMenuButton": profile.get_chat_menu_button,
    }
    methods |= {kind.method: media.sender(kind) for kind in media.KINDS.values()}
    return {name.lower(): method for name, method in methods.items()}


def _agree(world: World, bot: Bot, params: Params) -> bool:
    return True
