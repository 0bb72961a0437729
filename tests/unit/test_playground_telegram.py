"""A real aiogram bot against the playground: confirmation, refusals, drafts, buttons."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNotFound,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
    ReplyParameters,
    Update,
)

from bot.playground import Playground, start_playground
from bot.playground.callbacks import Queries
from bot.playground.people import block, edit, post, stop, write
from bot.playground.world import Chat

MIRA = 1001


@pytest.fixture
async def ground() -> AsyncIterator[Playground]:
    playground = await start_playground()
    yield playground
    await playground.close()


def new_bot(ground: Playground, token: str = "42:secret") -> Bot:
    server = TelegramAPIServer.from_base(ground.telegram_url)
    return Bot(token, session=AiohttpSession(api=server))


async def close(bot: Bot) -> None:
    """Without the quarter of a second aiogram waits for TLS."""
    assert isinstance(bot.session, AiohttpSession)
    await (await bot.session.create_session()).close()


@pytest.fixture
async def bot(ground: Playground) -> AsyncIterator[Bot]:
    bot = new_bot(ground)
    await bot.get_me()
    yield bot
    await close(bot)


@pytest.fixture
def chat(ground: Playground, bot: Bot) -> Chat:
    world = ground.world
    return world.chat(world.bots[42], world.people[MIRA])


@pytest.fixture
async def talking(ground: Playground, chat: Chat) -> Chat:
    write(ground.world, chat, "/start")
    return chat


async def texts(bot: Bot, offset: int | None = None, **more: Any) -> list[str]:
    updates = await bot.get_updates(offset=offset, **more)
    return [update.message.text or "" for update in updates if update.message]


async def test_updates_stay_until_a_higher_offset_is_asked_for(
    ground: Playground, bot: Bot, chat: Chat
) -> None:
    for word in ("one", "two", "three"):
        write(ground.world, chat, word)
    first = await bot.get_updates(limit=2)
    assert [u.message.text for u in first if u.message] == ["one", "two"]
    assert await texts(bot) == ["one", "two", "three"]
    assert await texts(bot, offset=first[0].update_id + 1) == ["two", "three"]
    assert await texts(bot, offset=first[0].update_id) == ["two", "three"]
    assert await texts(bot, offset=-1) == ["three"]
    assert await texts(bot) == ["three"]


async def test_update_and_message_ids_grow_by_one(ground: Playground, bot: Bot, chat: Chat) -> None:
    for _ in range(5):
        write(ground.world, chat, "word")
    updates = await bot.get_updates()
    ids = [update.update_id for update in updates]
    assert ids == list(range(ids[0], ids[0] + 5))
    assert [u.message.message_id for u in updates if u.message] == [1, 2, 3, 4, 5]
    assert (await bot.send_message(MIRA, "answer")).message_id == 6


async def test_a_long_poll_ends_with_the_first_update(
    ground: Playground, bot: Bot, chat: Chat
) -> None:
    polling = asyncio.create_task(bot.get_updates(timeout=30))
    while not ground.world.journal.calls["getUpdates"]:
        await asyncio.sleep(0.01)
    write(ground.world, chat, "hello")
    assert [u.message.text for u in await polling if u.message] == ["hello"]


async def test_of_two_pollers_the_waiting_one_gets_a_conflict(
    ground: Playground, bot: Bot, chat: Chat
) -> None:
    waiting = asyncio.create_task(bot.get_updates(timeout=30))
    while not ground.world.journal.calls["getUpdates"]:
        await asyncio.sleep(0.01)
    assert await bot.get_updates(timeout=0) == []
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
        await waiting


async def test_old_updates_expire_and_button_presses_much_sooner(
    ground: Playground, bot: Bot, talking: Chat
) -> None:
    world = ground.world
    assert talking.person
    Queries(world).press(talking, talking.person, 1, "x")
    start = world.clock()
    world.clock = lambda: start + 151
    assert [u.event_type for u in await bot.get_updates()] == ["message"]
    world.clock = lambda: start + 86_401
    assert await bot.get_updates() == []


async def test_unwanted_kinds_are_not_queued_and_the_choice_is_remembered(
    ground: Playground, bot: Bot, talking: Chat
) -> None:
    last = (await bot.get_updates(allowed_updates=["message"]))[-1].update_id
    edit(ground.world, talking, 1, "/start again")
    write(ground.world, talking, "new")
    assert [u.event_type for u in await bot.get_updates(offset=last + 1)] == ["message"]
    await bot.get_updates(offset=last + 2, allowed_updates=[])
    edit(ground.world, talking, 1, "/start once more")
    assert [u.event_type for u in await bot.get_updates()] == ["edited_message"]


async def test_confirmed_updates_can_come_again_with_their_ids(
    ground: Playground, bot: Bot, talking: Chat
) -> None:
    write(ground.world, talking, "second")
    before = await bot.get_updates()
    await bot.get_updates(offset=before[-1].update_id + 1)
    assert ground.world.bots[42].queue.redeliver(1) == 1
    again = await bot.get_updates(offset=before[-1].update_id + 1)
    assert [u.update_id for u in again] == [before[-1].update_id]
    assert await bot.get_updates(offset=before[-1].update_id + 1) == []


async def test_a_bot_cannot_write_first_nor_to_strangers(bot: Bot, chat: Chat) -> None:
    with pytest.raises(TelegramForbiddenError, match="can't initiate conversation"):
        await bot.send_message(MIRA, "hello")
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(777_777, "hello")


async def test_blocked_and_deleted_accounts(ground: Playground, bot: Bot, talking: Chat) -> None:
    last = (await bot.get_updates())[-1].update_id
    block(ground.world, talking, True)
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.send_message(MIRA, "hello")
    block(ground.world, talking, False)
    await bot.send_message(MIRA, "hello")
    changes = [u.my_chat_member for u in await bot.get_updates(offset=last + 1)]
    assert [c.new_chat_member.status for c in changes if c] == ["kicked", "member"]
    assert talking.person
    talking.person.deactivated = True
    with pytest.raises(TelegramForbiddenError, match="user is deactivated"):
        await bot.send_message(MIRA, "hello")


def keys(**button: Any) -> InlineKeyboardMarkup:
    made = InlineKeyboardButton.model_construct(text="key", **button)
    return InlineKeyboardMarkup.model_construct(inline_keyboard=[[made]])


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n "}, "must be non-empty"),
        ({"text": "я" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "x" * 40_000}, "text is too long"),
        ({"text": "<b>a", "parse_mode": "HTML"}, "can't parse entities: Can't find end tag"),
        ({"text": "<b><i>a</b></i>", "parse_mode": "HTML"}, "can't parse entities: Unmatched"),
        ({"text": "a</b>", "parse_mode": "HTML"}, "can't parse entities: Unexpected end tag"),
        ({"text": "<h1>a</h1>", "parse_mode": "HTML"}, 'Unsupported start tag "h1"'),
        ({"text": "1 < 2", "parse_mode": "HTML"}, "can't parse entities: Unclosed"),
        ({"text": "a", "reply_markup": keys(callback_data="я" * 33)}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "reply_markup": keys(callback_data="")}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "reply_markup": keys()}, "text buttons are unallowed"),
        ({"text": "a", "reply_markup": keys(callback_data="x", style="gold")}, "invalid button"),
        ({"text": "a", "reply_markup": keys(url="/relative")}, "Wrong HTTP URL"),
        ({"text": "a", "reply_parameters": ReplyParameters(message_id=99)}, "to be replied not"),
    ],
)
async def test_messages_telegram_refuses(
    bot: Bot, talking: Chat, arguments: dict[str, Any], refusal: str
) -> None:
    with pytest.raises(TelegramBadRequest, match=refusal):
        await bot.send_message(MIRA, **arguments)
    assert len(talking.messages) == 1


@pytest.mark.parametrize(
    ("entity", "refusal"),
    [
        (MessageEntity(type="bold", offset=0, length=9), "ends after the end of the text"),
        (MessageEntity(type="bold", offset=1, length=1), "middle of a UTF-16 symbol"),
        (MessageEntity(type="bold", offset=-1, length=1), "incorrect offset"),
        (MessageEntity(type="text_link", offset=0, length=2, url="docs/readme"), "Wrong HTTP URL"),
        (MessageEntity(type="heading", offset=0, length=2), "Unsupported type"),
    ],
)
async def test_entities_telegram_refuses(
    bot: Bot, talking: Chat, entity: MessageEntity, refusal: str
) -> None:
    with pytest.raises(TelegramBadRequest, match=refusal):
        await bot.send_message(MIRA, "😀 hi", entities=[entity])


async def test_text_is_parsed_trimmed_and_measured_as_telegram_does(
    bot: Bot, talking: Chat
) -> None:
    sent = await bot.send_message(
        MIRA,
        " 😀 <b>bold <i>both</i></b> &lt;x&gt; <a href='https://example.org'>link</a> /help ",
        parse_mode="HTML",
    )
    assert sent.text == "😀 bold both <x> link /help"
    assert [(e.type, e.extract_from(sent.text)) for e in sent.entities or []] == [
        ("bold", "bold both"),
        ("italic", "both"),
        ("text_link", "link"),
        ("bot_command", "/help"),
    ]
    assert (await bot.send_message(MIRA, "я" * 4096)).text == "я" * 4096


async def test_a_parse_mode_makes_entities_ignored(bot: Bot, talking: Chat) -> None:
    bold = MessageEntity(type="bold", offset=0, length=1)
    both = await bot.send_message(MIRA, "plain", parse_mode="HTML", entities=[bold])
    assert both.entities is None
    alone = await bot.send_message(MIRA, "plain", entities=[bold])
    assert [e.type for e in alone.entities or []] == ["bold"]


async def test_a_draft_grows_fades_and_is_wiped_by_the_message(
    ground: Playground, bot: Bot, talking: Chat
) -> None:
    await bot.send_message_draft(MIRA, 7, text="so f")
    await bot.send_message_draft(MIRA, 7, text="so far", can_stop=True)
    assert talking.draft
    assert talking.draft.text == "so far"
    await bot.send_message(MIRA, "so far and no further")
    assert talking.draft is None
    await bot.send_message_draft(MIRA, 8, text="")
    start = ground.world.clock()
    ground.world.clock = lambda: start + 31
    from bot.playground.sending import current_draft

    assert current_draft(ground.world, talking) is None


async def test_stop_is_an_update_without_a_person(
    ground: Playground, bot: Bot, talking: Chat
) -> None:
    await bot.send_message_draft(MIRA, 7, text="so far", can_stop=True, message_thread_id=3)
    stop(ground.world, talking, 7)
    stopped = (await bot.get_updates())[-1].stopped_message_generation
    assert stopped
    assert (stopped.chat.id, stopped.draft_id, stopped.message_thread_id) == (MIRA, 7, 3)
    await bot.send_message_draft(MIRA, 7, text="late words", can_stop=True)
    assert talking.draft is None


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [({"draft_id": 0, "text": "x"}, "DRAFT_ID"), ({"draft_id": 1, "text": "я" * 4097}, "too long")],
)
async def test_drafts_telegram_refuses(
    bot: Bot, talking: Chat, arguments: dict[str, Any], refusal: str
) -> None:
    with pytest.raises(TelegramBadRequest, match=refusal):
        await bot.send_message_draft(MIRA, **arguments)


async def test_a_press_reaches_the_bot_and_is_answered_for_a_quarter_of_an_hour(
    ground: Playground, bot: Bot, talking: Chat
) -> None:
    markup = InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text="Go", callback_data="go", style="success")]]
    )
    message = await bot.send_message(MIRA, "choose", reply_markup=markup)
    from aiohttp import ClientSession

    async with (
        ClientSession(ground.url) as page,
        page.post(
            f"/playground/chats/{MIRA}/presses",
            json={"message_id": message.message_id, "data": "go"},
        ) as pressed,
    ):
        query_id = (await pressed.json())["callback_query_id"]
    query = (await bot.get_updates())[-1].callback_query
    assert query
    assert (query.id, query.data, query.from_user.id) == (query_id, "go", MIRA)
    assert query.message
    assert query.message.message_id == message.message_id
    with pytest.raises(TelegramBadRequest, match="MESSAGE_TOO_LONG"):
        await bot.answer_callback_query(query.id, text="x" * 201)
    await bot.answer_callback_query(query.id, text="done")
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query("123")
    start = ground.world.clock()
    ground.world.clock = lambda: start + 16 * 60
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query(query.id)


async def test_editing_and_deleting(ground: Playground, bot: Bot, talking: Chat) -> None:
    sent = await bot.send_message(MIRA, "first")
    place = {"chat_id": MIRA, "message_id": sent.message_id}
    edited = await bot.edit_message_text("second", **place)
    assert edited.text == "second"  # type: ignore[union-attr]
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_text("second", **place)
    with pytest.raises(TelegramBadRequest, match="message can't be edited"):
        await bot.edit_message_text("mine", chat_id=MIRA, message_id=1)
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("x", chat_id=MIRA, message_id=404)
    await bot.edit_message_reply_markup(**place, reply_markup=keys(callback_data="a"))
    await bot.edit_message_reply_markup(**place)
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_reply_markup(**place)
    assert await bot.delete_message(**place)
    with pytest.raises(TelegramBadRequest, match="message to delete not found"):
        await bot.delete_message(**place)
    old = await bot.send_message(MIRA, "old")
    start = ground.world.clock()
    ground.world.clock = lambda: start + 49 * 3600
    with pytest.raises(TelegramBadRequest, match="can't be deleted"):
        await bot.delete_message(MIRA, old.message_id)


async def test_files_go_both_ways(ground: Playground, bot: Bot, talking: Chat) -> None:
    content = bytes(range(256)) * 10
    sent = await bot.send_document(
        MIRA,
        BufferedInputFile(content, "путь к цели.md"),
        caption="<b>export</b>",
        parse_mode="HTML",
    )
    assert sent.document
    assert sent.document.file_name == "путь к цели.md"
    assert sent.caption == "export"
    assert [e.type for e in sent.caption_entities or []] == ["bold"]
    downloaded = await bot.download(sent.document.file_id)
    assert downloaded
    assert downloaded.read() == content
    again = await bot.send_document(MIRA, sent.document.file_id)
    assert again.document
    assert again.document.file_unique_id == sent.document.file_unique_id
    voice = await bot.send_voice(MIRA, BufferedInputFile(b"OggS", "v.ogg"), duration=3)
    assert voice.voice
    assert voice.voice.duration == 3
    with pytest.raises(TelegramBadRequest, match="caption is too long"):
        await bot.send_document(MIRA, sent.document.file_id, caption="x" * 1025)
    with pytest.raises(TelegramBadRequest, match="IMAGE_PROCESS_FAILED"):
        await bot.send_photo(MIRA, BufferedInputFile(b"not a picture", "p.png"))
    with pytest.raises(TelegramBadRequest, match="wrong remote file"):
        await bot.send_document(MIRA, "nonsense")


async def test_a_file_over_twenty_megabytes_cannot_be_downloaded(
    ground: Playground, bot: Bot, talking: Chat
) -> None:
    shelf = ground.world.files
    source = ground.world.keeping.incoming / "big"
    source.write_bytes(b"x")
    size = (20 << 20) + 1
    big = shelf.add("documents", "big.bin", "application/zip", source, {}, size)
    post(ground.world, talking, {"document": big.reference()})
    with pytest.raises(TelegramBadRequest, match="file is too big"):
        await bot.get_file(big.file_id)
    with pytest.raises(TelegramBadRequest, match="wrong file_id"):
        await bot.get_file("unknown")


async def test_commands_are_kept_by_scope_and_language(
    ground: Playground, bot: Bot, chat: Chat
) -> None:
    from bot.playground.profile import commands_for

    assert chat.person
    everyone = [BotCommand(command="help", description="help")]
    await bot.set_my_commands(everyone)
    await bot.set_my_commands(
        [BotCommand(command="help", description="помощь")], language_code="ru"
    )
    assert [c.description for c in await bot.get_my_commands()] == ["help"]
    assert commands_for(chat.bot, chat.person)[0]["description"] == "помощь"
    admin = [BotCommand(command="stats", description="figures")]
    await bot.set_my_commands(admin, scope=BotCommandScopeChat(chat_id=MIRA))
    assert commands_for(chat.bot, chat.person)[0]["command"] == "stats"
    await bot.delete_my_commands(scope=BotCommandScopeChat(chat_id=MIRA))
    assert commands_for(chat.bot, chat.person)[0]["description"] == "помощь"
    with pytest.raises(TelegramBadRequest, match="BOT_COMMAND_INVALID"):
        await bot.set_my_commands([BotCommand(command="Новая", description="x")])
    await bot.set_my_description("about", language_code="en")
    assert (await bot.get_my_description(language_code="en")).description == "about"


async def test_a_group_has_no_drafts_and_can_put_the_bot_out(
    ground: Playground, bot: Bot, chat: Chat
) -> None:
    from bot.playground.people import add_to_group

    world = ground.world
    world.groups[-5] = "Team"
    group = world.group(chat.bot, -5)
    add_to_group(world, group, world.people[MIRA])
    write(world, group, "/start@bot", sender=world.people[MIRA])
    joined, message = await bot.get_updates()
    assert joined.my_chat_member
    assert message.message
    assert message.message.chat.type == "group"
    assert message.message.from_user
    assert message.message.from_user.id == MIRA
    await bot.send_message(-5, "hello, group")
    with pytest.raises(TelegramBadRequest, match="private chats"):
        await bot.send_message_draft(-5, 1, text="x")
    block(world, group, True)
    with pytest.raises(TelegramForbiddenError, match="kicked"):
        await bot.send_message(-5, "hello?")


async def test_unknown_methods_and_tokens(ground: Playground, bot: Bot) -> None:
    class SendTelepathy(TelegramMethod[bool]):
        __returning__ = bool
        __api_method__ = "sendTelepathy"

    with pytest.raises(TelegramNotFound):
        await bot(SendTelepathy())
    stranger = new_bot(ground, "42:x")
    with pytest.raises(TelegramUnauthorizedError):
        await stranger.get_me()
    await close(stranger)


async def test_several_bots_do_not_see_each_other(
    ground: Playground, bot: Bot, talking: Chat
) -> None:
    other = new_bot(ground, "43:secret")
    assert (await other.get_me()).id == 43
    assert await other.get_updates() == []
    with pytest.raises(TelegramForbiddenError):
        await other.send_message(MIRA, "hello")
    await close(other)


async def test_a_person_pastes_a_wall_and_it_comes_in_parts(
    ground: Playground, bot: Bot, chat: Chat
) -> None:
    wall = "слово " * 3000
    write(ground.world, chat, wall)
    parts = await texts(bot)
    assert len(parts) > 4
    assert all(len(part) <= 4096 for part in parts)
    assert " ".join(parts).split() == wall.split()


async def test_every_update_is_one_aiogram_understands(
    ground: Playground, bot: Bot, talking: Chat
) -> None:
    world = ground.world
    sticker = {"file_id": "s", "file_unique_id": "u", "type": "regular", "width": 1, "height": 1}
    sticker |= {"is_animated": False, "is_video": False}
    post(world, talking, {"sticker": sticker})
    post(world, talking, {"contact": {"phone_number": "+1", "first_name": "Robin"}})
    post(world, talking, {"location": {"latitude": 1.0, "longitude": 2.0}})
    origin = {"type": "hidden_user", "sender_user_name": "Robin", "date": 1}
    write(world, talking, "look", forward_origin=origin, reply_to=1)
    updates: list[Update] = await bot.get_updates()
    messages = [update.message for update in updates if update.message]
    assert [m.content_type for m in messages] == ["text", "sticker", "contact", "location", "text"]
    assert messages[-1].forward_origin
    assert messages[-1].reply_to_message
    assert messages[-1].reply_to_message.text == "/start"
