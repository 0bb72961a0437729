"""Builds the world again from what a folder has kept."""

from __future__ import annotations

from typing import Any

import orjson

from bot.playground.files import StoredFile
from bot.playground.state_log import StateLog
from bot.playground.updates import Entry
from bot.playground.world import Person, World


def restore(world: World, log: StateLog) -> None:
    """Call before anybody talks: ids go on from where they were."""
    kinds: dict[str, dict[str, Any]] = {}
    for key, value in log.live.items():
        kind, _, rest = key.partition("/")
        kinds.setdefault(kind, {})[rest] = value
    for value in kinds.get("person", {}).values():
        person = Person(**value)
        world.people[person.id] = person
    for group_id, title in kinds.get("group", {}).items():
        world.groups[int(group_id)] = title
    for value in kinds.get("file", {}).values():
        world.files.restore(StoredFile(**value))
    _restore_bots(world, log, kinds)
    _restore_chats(world, kinds)
    log.release()


def _restore_bots(world: World, log: StateLog, kinds: dict[str, dict[str, Any]]) -> None:
    queues: dict[int, list[Entry]] = {}
    for key, (lane, expires_at, body) in kinds.get("update", {}).items():
        bot_id, update_id = map(int, key.split("/"))
        entry = Entry(update_id, orjson.dumps(body), lane, expires_at)
        queues.setdefault(bot_id, []).append(entry)
    for key, value in kinds.get("bot", {}).items():
        bot_id = int(key)
        bot = world.add_bot(bot_id)
        bot.profile, bot.webhook = value["profile"], value["webhook"]
        bot.queue.allowed = value["allowed"]
        bot.next_message = log.highest.get(f"message/{bot_id}", 0) + 1
        if last := log.highest.get(f"update/{bot_id}"):
            bot.queue.next_id = last + 1
        bot.queue.restore(queues.get(bot_id, []))


def _restore_chats(world: World, kinds: dict[str, dict[str, Any]]) -> None:
    for key, value in kinds.get("chat", {}).items():
        bot_id, chat_id = map(int, key.split("/"))
        bot = world.bots[bot_id]
        if person := world.people.get(chat_id):
            chat = world.chat(bot, person)
        elif chat_id in world.groups:
            chat = world.group(bot, chat_id)
        else:
            continue
        chat.started, chat.blocked = value["started"], value["blocked"]
    for key, message in sorted(
        kinds.get("message", {}).items(), key=lambda item: int(item[0].split("/")[1])
    ):
        chat = world.chats.get((int(key.split("/")[0]), message["chat"]["id"]))
        if chat:
            chat.messages[message["message_id"]] = message
