"""Keyboards under a message, checked as strictly as Telegram checks them."""

from __future__ import annotations

from typing import Any

from bot.playground.entities import check_url
from bot.playground.refusals import bad_request
from bot.playground.shapes import Json, as_list, as_object

STYLES = {"danger", "success", "primary"}
ACTIONS = (
    "url", "callback_data", "web_app", "login_url", "switch_inline_query",
    "switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "copy_text",
    "callback_game", "pay", "disabled",
)  # fmt: skip
MOST_BUTTONS = 100
MOST_IN_ROW = 8


def check_markup(markup: Any) -> Json | None:
    """None for no keyboard. Reply keyboards are passed on; inline ones are read to the last key."""
    if markup is None:
        return None
    keyboard = as_object(markup)
    if keyboard is None:
        raise bad_request("can't parse reply keyboard markup JSON object")
    if "inline_keyboard" not in keyboard:
        return keyboard
    rows = as_list(keyboard["inline_keyboard"])
    if rows is None:
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array')
    checked = [_row(row) for row in rows]
    if sum(map(len, checked)) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    return {**keyboard, "inline_keyboard": [row for row in checked if row]}


def _row(row: Any) -> list[Json]:
    buttons = as_list(row)
    if buttons is None:
        raise bad_request("inline keyboard row must be an Array")
    if len(buttons) > MOST_IN_ROW:
        raise bad_request("inline keyboard row is too long")
    return [_button(button) for button in buttons]


def _button(item: Any) -> Json:
    button = as_object(item)
    if button is None:
        raise bad_request("can't parse inline keyboard button: expected an Object")
    text = button.get("text")
    if not isinstance(text, str) or not text.strip():
        raise bad_request("inline keyboard button text must be non-empty")
    if sum(action in button for action in ACTIONS) != 1:
        raise bad_request(
            "can't parse inline keyboard button: text buttons are unallowed in the inline keyboard"
        )
    if (data := button.get("callback_data")) is not None and (
        not isinstance(data, str) or not 1 <= len(data.encode()) <= 64
    ):
        raise bad_request("BUTTON_DATA_INVALID")
    if (style := button.get("style")) is not None and str(style) not in STYLES:
        raise bad_request("can't parse inline keyboard button: invalid button style specified")
    if (url := button.get("url")) is not None:
        check_url(url, "inline keyboard button URL")
    if "copy_text" in button:
        copied = as_object(button["copy_text"]) or {}
        if not 1 <= len(str(copied.get("text", ""))) <= 256:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
    return button
