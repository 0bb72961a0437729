"""What a bot says about itself: name, descriptions, commands, menu button."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.playground.params import Params
from bot.playground.refusals import bad_request
from bot.playground.sending import target
from bot.playground.shapes import Json, as_list, as_object
from bot.playground.world import Bot, Person, World

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
LANGUAGE = re.compile(r"([a-z]{2})?")
SCOPES = frozenset(
    [
        "default",
        "all_private_chats",
        "all_group_chats",
        "all_chat_administrators",
        "chat",
        "chat_administrators",
        "chat_member",
    ]
)


def get_me(world: World, bot: Bot, params: Params) -> Json:
    return {
        **bot.user(),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
    }


def get_chat(world: World, bot: Bot, params: Params) -> Json:
    chat = target(world, bot, params)
    return {
        **chat.public,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            (
                "unlimited_gifts",
                "limited_gifts",
                "unique_gifts",
                "premium_subscription",
                "gifts_from_channels",
            ),
            False,
        ),
    }


def set_my_commands(world: World, bot: Bot, params: Params) -> bool:
    commands = as_list(params.parsed("commands"))
    if commands is None or len(commands) > 100:
        raise bad_request("BOT_COMMANDS_INVALID")
    checked = [_command(item) for item in commands]
    _store(world, bot, f"commands/{_scope(params)}/{_language(params)}", checked)
    return True


def delete_my_commands(world: World, bot: Bot, params: Params) -> bool:
    _store(world, bot, f"commands/{_scope(params)}/{_language(params)}", None)
    return True


def get_my_commands(world: World, bot: Bot, params: Params) -> list[Json]:
    return bot.profile.get(f"commands/{_scope(params)}/{_language(params)}") or []


def commands_for(bot: Bot, person: Person) -> list[Json]:
    """The narrowest list that was set: this chat, private chats, everybody; own language first."""
    for scope in (f"chat:{person.id}", "all_private_chats", "default"):
        for language in (person.language_code[:2], ""):
            if found := bot.profile.get(f"commands/{scope}/{language}"):
                return found
    return []


def setter(name: str, limit: int) -> Callable[[World, Bot, Params], bool]:
    def set_words(world: World, bot: Bot, params: Params) -> bool:
        text = params.text(name)
        if len(text) > limit:
            raise bad_request(f"{name.replace('_', ' ')} is too long")
        _store(world, bot, f"{name}/{_language(params)}", text or None)
        return True

    return set_words


def getter(name: str) -> Callable[[World, Bot, Params], Json]:
    def get_words(world: World, bot: Bot, params: Params) -> Json:
        found = bot.profile.get(f"{name}/{_language(params)}") or bot.profile.get(f"{name}/")
        return {name: found or (bot.first_name if name == "name" else "")}

    return get_words


def set_chat_menu_button(world: World, bot: Bot, params: Params) -> bool:
    button = as_object(params.parsed("menu_button")) or {"type": "default"}
    if str(button.get("type")) not in {"default", "commands", "web_app"}:
        raise bad_request("menu button has an unsupported type")
    _store(world, bot, f"menu_button/{params.text('chat_id')}", button)
    return True


def get_chat_menu_button(world: World, bot: Bot, params: Params) -> Json:
    return bot.profile.get(f"menu_button/{params.text('chat_id')}") or {"type": "commands"}


def _store(world: World, bot: Bot, key: str, value: object) -> None:
    if value is None:
        bot.profile.pop(key, None)
    else:
        bot.profile[key] = value
    world.keeping.put_bot(bot)
    if key.startswith("commands/"):
        for person_id in world.watchers.people():
            person = world.people[person_id]
            world.emit(world.chat(bot, person), "commands", {"commands": commands_for(bot, person)})


def _command(item: object) -> Json:
    command = as_object(item) or {}
    name, description = str(command.get("command", "")), str(command.get("description", ""))
    name = name.removeprefix("/")
    if not COMMAND.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description.strip()) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description.strip()}


def _scope(params: Params) -> str:
    scope = as_object(params.parsed("scope")) or {"type": "default"}
    kind = str(scope.get("type"))
    if kind not in SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    if kind.startswith("chat"):
        ids = [str(scope[name]) for name in ("chat_id", "user_id") if name in scope]
        if not ids:
            raise bad_request("can't parse BotCommandScope: chat_id is not specified")
        return ":".join([kind, *ids])
    return kind


def _language(params: Params) -> str:
    code = params.text("language_code")
    if not LANGUAGE.fullmatch(code):
        raise bad_request("LANG_CODE_INVALID")
    return code
