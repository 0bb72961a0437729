"""Buttons of broadcasts: whom they go to, whether to send, what to do while they run."""

from __future__ import annotations

from datetime import tzinfo

from aiogram.types import InlineKeyboardMarkup

from bot.callbacks.admin import ShowPanel
from bot.callbacks.broadcast import (
    AskStop,
    ChangeBroadcast,
    ChooseWhom,
    Compose,
    DropBroadcast,
    SendBroadcast,
    ShowBroadcast,
    ShowBroadcasts,
    StopBroadcast,
)
from bot.keyboards.buttons import Row, button, keyboard
from bot.texts import Words
from bot.texts.broadcast import AUDIENCES, whom
from bot.texts.dates import date_short
from core import Broadcast


def whom_keyboard(broadcast_id: int, words: Words) -> InlineKeyboardMarkup:
    labelled = [
        button(_capital(whom(audience, words)), ChooseWhom(broadcast=broadcast_id, whom=name))
        for name, audience in AUDIENCES.items()
    ]
    drop = button(words.plain("button-cancel"), DropBroadcast(broadcast=broadcast_id))
    rows: list[Row] = [[label] for label in labelled[:5]]
    return keyboard(*rows, labelled[5:], [drop])


def sure_keyboard(broadcast: Broadcast, words: Words) -> InlineKeyboardMarkup:
    send: Row = []
    if broadcast.people:
        label = words.plain("button-broadcast-send", count=broadcast.people)
        send = [button(label, SendBroadcast(broadcast=broadcast.id), "primary")]
    return keyboard(
        send,
        [button(words.plain("button-broadcast-whom"), ShowBroadcast(broadcast=broadcast.id))],
        [button(words.plain("button-cancel"), DropBroadcast(broadcast=broadcast.id))],
    )


def screen_keyboard(broadcast: Broadcast, words: Words) -> InlineKeyboardMarkup:
    number = broadcast.id
    if not broadcast.running:
        return keyboard([button(words.plain("button-broadcasts"), ShowBroadcasts())])
    if broadcast.status == "sending":
        change = button(
            words.plain("button-broadcast-pause"), ChangeBroadcast(broadcast=number, to="paused")
        )
    else:
        change = button(
            words.plain("button-broadcast-resume"),
            ChangeBroadcast(broadcast=number, to="sending"),
            "primary",
        )
    return keyboard(
        [change, button(words.plain("button-broadcast-stop"), AskStop(broadcast=number), "danger")]
    )


def stop_keyboard(broadcast_id: int, words: Words) -> InlineKeyboardMarkup:
    yes = StopBroadcast(broadcast=broadcast_id, sure=True)
    no = StopBroadcast(broadcast=broadcast_id, sure=False)
    return keyboard(
        [
            button(words.plain("button-broadcast-stop-yes"), yes, "danger"),
            button(words.plain("button-broadcast-stop-no"), no),
        ]
    )


def list_keyboard(broadcasts: list[Broadcast], zone: tzinfo, words: Words) -> InlineKeyboardMarkup:
    rows: list[Row] = []
    for each in broadcasts:
        began = each.started_at.astimezone(zone) if each.started_at else None
        label = words.plain(
            "button-broadcast",
            status=each.status,
            date=date_short(began, words) if began else "",
            done=each.count("sent"),
            people=each.people,
        )
        rows.append([button(label, ShowBroadcast(broadcast=each.id))])
    return keyboard(
        *rows,
        [button(words.plain("button-broadcast-new"), Compose(), "primary")],
        [button(words.plain("button-broadcast-panel"), ShowPanel())],
    )


def _capital(label: str) -> str:
    return label[:1].upper() + label[1:]
