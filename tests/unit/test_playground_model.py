"""A real OpenAI client against the scripted model, over both of its wire formats."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import openai
import pytest
from openai import AsyncOpenAI
from pydantic import BaseModel

from bot.playground import Playground
from bot.playground.model_conduct import Conduct
from bot.playground.model_words import LONG_ANSWER, language_of, reply_to, wanted_format
from bot.playground.words import words
from tests.unit.model_ground import client, ground

__all__ = ["client", "ground"]

TEXT = "Раз, два, три: **это** ответ из нескольких кусков."


def ask(text: str) -> list[Any]:
    return [{"role": "system", "content": "Be a coach."}, {"role": "user", "content": text}]


async def test_a_chat_completion_streams_to_its_end(
    ground: Playground, client: AsyncOpenAI
) -> None:
    ground.model.behave(Conduct(first_token=0.0, total=0.0, text=TEXT, tokens=5))
    stream = await client.chat.completions.create(
        model="gpt-6-luna",
        messages=ask("hello"),
        stream=True,
        stream_options={"include_usage": True},
        reasoning_effort="none",
    )
    chunks = [chunk async for chunk in stream]
    assert len({chunk.id for chunk in chunks}) == 1
    choices = [chunk.choices[0] for chunk in chunks if chunk.choices]
    assert choices[0].delta.role == "assistant"
    assert "".join(choice.delta.content or "" for choice in choices) == TEXT
    assert [choice.finish_reason for choice in choices if choice.finish_reason] == ["stop"]
    assert chunks[-1].choices == []
    usage = chunks[-1].usage
    assert usage
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert usage.prompt_tokens_details


async def test_usage_comes_only_when_asked_for(ground: Playground, client: AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(model="m", messages=ask("hi"), stream=True)
    assert [chunk.usage async for chunk in stream if chunk.usage] == []


async def test_a_response_streams_numbered_events_and_ends_whole(
    ground: Playground, client: AsyncOpenAI
) -> None:
    ground.model.behave(Conduct(first_token=0.0, total=0.0, text=TEXT, tokens=4))
    async with client.responses.stream(
        model="gpt-6.1-terra",
        instructions="Be a coach.",
        input=ask("hello"),
        store=False,
        reasoning={"effort": "none"},
    ) as stream:
        events = [event async for event in stream]
        final = await stream.get_final_response()
    assert final.output_text == TEXT
    assert final.status == "completed"
    assert [event.sequence_number for event in events] == list(range(len(events)))
    kinds = [event.type for event in events]
    assert kinds[:4] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
    ]
    assert kinds.count("response.output_text.delta") == 4
    assert kinds[-1] == "response.completed"
    assert final.usage
    assert final.usage.total_tokens == final.usage.input_tokens + final.usage.output_tokens
    assert final.usage.input_tokens_details.cached_tokens == 0


async def test_both_apis_answer_whole_as_well(ground: Playground, client: AsyncOpenAI) -> None:
    ground.model.behave(Conduct(first_token=0.0, total=0.0, text=TEXT))
    chat = await client.chat.completions.create(model="m", messages=ask("hi"))
    assert chat.choices[0].message.content == TEXT
    response = await client.responses.create(model="m", input="hi")
    assert response.output_text == TEXT


class Step(BaseModel):
    title: str
    minutes: int
    mood: Literal["calm", "brave"]


class Plan(BaseModel):
    aim: str
    steps: list[Step]
    note: str | None
    done: bool


async def test_structured_answers_fit_their_schema(ground: Playground, client: AsyncOpenAI) -> None:
    response = await client.responses.parse(model="m", input="бежать", text_format=Plan)
    assert response.output_parsed
    assert response.output_parsed.aim == "бежать"
    assert response.output_parsed.steps[0].mood == "calm"
    chat = await client.chat.completions.parse(
        model="m", messages=ask("бежать"), response_format=Plan
    )
    assert chat.choices[0].message.parsed == response.output_parsed


async def test_a_limit_of_tokens_ends_the_answer_early(
    ground: Playground, client: AsyncOpenAI
) -> None:
    ground.model.behave(Conduct(first_token=0.0, total=0.0, text="слово " * 200))
    chat = await client.chat.completions.create(
        model="m", messages=ask("hi"), max_completion_tokens=20
    )
    assert chat.choices[0].finish_reason == "length"
    assert chat.usage
    assert chat.usage.completion_tokens == 20
    response = await client.responses.create(model="m", input="hi", max_output_tokens=20)
    assert response.status == "incomplete"
    assert response.incomplete_details
    assert response.incomplete_details.reason == "max_output_tokens"


@pytest.mark.parametrize(
    ("arguments", "param"),
    [
        ({"model": "m", "messages": []}, "messages"),
        ({"model": "m", "messages": [{"role": "boss", "content": "x"}]}, "messages[0].role"),
        ({"model": "m", "messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
        ({"model": 5, "messages": ask("x")}, "model"),
        ({"model": "", "messages": ask("x")}, "model"),
        ({"model": "m", "messages": ask("x"), "temperature": "hot"}, "temperature"),
        ({"model": "m", "messages": ask("x"), "extra_body": {"mood": "good"}}, "mood"),
        ({"model": "m", "messages": ask("x"), "stream_options": {}}, "stream_options"),
        ({"model": "gpt-6-luna", "messages": ask("x"), "max_tokens": 5}, "max_tokens"),
        ({"model": "gpt-6-luna", "messages": ask("x"), "temperature": 1}, "temperature"),
        ({"model": "gpt-6-luna", "messages": ask("x"), "tools": [{}]}, "reasoning_effort"),
    ],
)
async def test_chat_requests_openai_refuses(
    client: AsyncOpenAI, arguments: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await client.chat.completions.create(**arguments)
    assert refused.value.param == param
    assert refused.value.type == "invalid_request_error"


@pytest.mark.parametrize(
    ("arguments", "param"),
    [
        ({"model": "m", "input": ""}, "input"),
        ({"model": "m", "input": ["x"]}, "input[0]"),
        ({"model": "m", "input": "x", "reasoning": {"effort": "huge"}}, "reasoning.effort"),
        ({"model": "m", "input": "x", "max_output_tokens": 3}, "max_output_tokens"),
        ({"model": "m", "input": "x", "extra_body": {"messages": []}}, "messages"),
    ],
)
async def test_responses_requests_openai_refuses(
    client: AsyncOpenAI, arguments: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await client.responses.create(**arguments)
    assert refused.value.param == param


async def test_keys_and_models_that_do_not_exist(ground: Playground, client: AsyncOpenAI) -> None:
    async with AsyncOpenAI(api_key="bad-key", base_url=ground.model_url, max_retries=0) as stranger:
        with pytest.raises(openai.AuthenticationError) as refused:
            await stranger.responses.create(model="m", input="x")
        assert refused.value.code == "invalid_api_key"
    with pytest.raises(openai.NotFoundError) as missing:
        await client.responses.create(model="missing-1", input="x")
    assert missing.value.code == "model_not_found"
    assert (await client.models.retrieve("gpt-6-luna")).id == "gpt-6-luna"
    assert [model.id async for model in client.models.list()]


async def test_failures_strike_at_the_given_rate_and_order(
    ground: Playground, client: AsyncOpenAI
) -> None:
    conduct = Conduct(first_token=0.0, total=0.0, text="ok", failure_rate=0.5, retry_after=3)
    conduct.failures = [429, 503]
    ground.model.behave(conduct)
    seen: list[int] = []
    waits: list[str | None] = []
    for _ in range(8):
        try:
            await client.responses.create(model="m", input="x")
            seen.append(200)
        except openai.APIStatusError as error:
            seen.append(error.status_code)
            waits.append(error.response.headers.get("retry-after"))
    assert waits == ["3", None, "3", None]
    assert seen == [200, 429, 200, 503, 200, 429, 200, 503]
    assert ground.model.journal.counts["failed"] == 4


async def test_a_cut_stream_has_no_end(ground: Playground, client: AsyncOpenAI) -> None:
    ground.model.behave(Conduct(first_token=0.0, total=0.0, text=TEXT, tokens=4, cut_rate=1.0))
    stream = await client.chat.completions.create(model="m", messages=ask("hi"), stream=True)
    finishes: list[str | None] = []
    said = ""

    async def listen() -> None:
        nonlocal said
        async for chunk in stream:
            said += chunk.choices[0].delta.content or ""
            finishes.append(chunk.choices[0].finish_reason)

    with pytest.raises(Exception, match=r"(?i)closed|incomplete|peer|error"):
        await listen()
    assert TEXT.startswith(said)
    assert said != TEXT
    assert set(finishes) <= {None}


async def test_a_caller_who_goes_away_is_noted(ground: Playground, client: AsyncOpenAI) -> None:
    ground.model.behave(Conduct(hang_rate=1.0))
    call = asyncio.create_task(client.responses.create(model="m", input="x"))
    while not ground.model.journal.in_flight:
        await asyncio.sleep(0.01)
    call.cancel()
    while ground.model.journal.in_flight:
        await asyncio.sleep(0.01)
    assert ground.model.journal.counts["stopped"] == 1


async def test_the_journal_shows_what_was_asked(ground: Playground, client: AsyncOpenAI) -> None:
    await client.responses.create(model="m", input="first")
    await client.responses.create(model="m", input="second")
    journal = ground.model.journal.shown(1)
    assert [request["input"] for request in journal["requests"]] == ["second"]
    assert journal["counts"] == {"requests": 2, "done": 2}


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_hint_is_understood(language: str) -> None:
    hints = [hint["text"] for hint in words(language)["hints"]]
    moods = [mood for hint in hints if (mood := reply_to(hint, 1).mood)]
    assert moods == list(words(language)["keywords"])
    formats = [wanted_format(hint) for hint in hints[len(moods) :]]
    assert formats == ["pdf", "ics", "png"]


@pytest.mark.parametrize("language", ["ru", "en"])
def test_both_languages_have_the_same_words(language: str) -> None:
    assert words(language).keys() == words("ru").keys()
    assert all(words(language).values())


def test_a_reply_is_in_the_person_s_language_and_echoes_them() -> None:
    russian = reply_to("Хочу пробежать марафон `<b>`", 1).text
    english = reply_to("I want to run a marathon", 1).text
    assert language_of(russian) == "ru"
    assert language_of(english) == "en"
    assert "«Хочу пробежать марафон b»" in russian
    assert "“I want to run a marathon”" in english


def test_the_echo_leaves_out_what_the_app_says_of_a_file() -> None:
    shown = "[файл план.md]\n[в нём страниц: 2]\n<<<0a1b2c3d\nБежать утром\n0a1b2c3d>>>"
    assert "«Бежать утром»" in reply_to(shown, 1).text
    assert "«Что скажешь?»" in reply_to(f"Что скажешь?\n{shown}", 1).text


def test_replies_differ_from_turn_to_turn_but_not_from_run_to_run() -> None:
    assert reply_to("привет", 3) == reply_to("привет", 3)
    assert len({reply_to("привет", turn).text for turn in range(1, 6)}) == 5


def test_every_plain_reply_says_that_it_is_prepared() -> None:
    notices = words("ru")["notice"]
    for turn in range(6):
        assert any(notice in reply_to("что делать", turn).text for notice in notices)


def test_the_long_answer_is_long_and_a_story_with_a_keyword_is_not_one() -> None:
    assert LONG_ANSWER < len(reply_to("Длинно!", 1).text) < LONG_ANSWER + 1500
    assert reply_to("код моей жизни слишком сложный", 1).mood == ""
