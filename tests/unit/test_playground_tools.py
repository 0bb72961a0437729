"""A real OpenAI client gives the scripted model tools and pictures, over both wire formats."""

from __future__ import annotations

import base64
import hashlib
import io
from datetime import UTC, datetime
from typing import Any

import openai
import orjson
import pytest
from openai import AsyncOpenAI
from PIL import Image

from bot.playground import Playground
from bot.playground.model_arguments import tool_arguments
from bot.playground.model_conduct import Conduct
from bot.playground.model_words import wanted_format
from bot.playground.words import words
from core.making.maker import DocumentMaker
from core.making.request import Request
from tests.unit.model_ground import client, ground

__all__ = ["client", "ground"]

FORMATS = ["md", "docx", "pdf", "xlsx", "csv", "ics", "png"]


def strict(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
        **more,
    }


def maybe(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


TEXT = {"type": "string"}
TABLE = strict(
    {
        "name": TEXT,
        "columns": {"type": "array", "items": TEXT},
        "rows": {
            "type": "array",
            "items": {"type": "array", "items": {"type": ["string", "number", "null"]}},
        },
    }
)
EVENT = strict(
    {
        "title": TEXT,
        "start": TEXT,
        "end": {"type": ["string", "null"]},
        "reminder_minutes": {"type": ["integer", "null"]},
        "repeat": {"type": ["string", "null"], "enum": ["daily", "weekly", None]},
    }
)
CHART = strict(
    {
        "kind": {"type": "string", "enum": ["line", "bar"]},
        "labels": {"type": "array", "items": TEXT},
        "series": {
            "type": "array",
            "items": strict(
                {"name": TEXT, "values": {"type": "array", "items": {"type": ["number", "null"]}}}
            ),
        },
    }
)
SCHEMA = strict(
    {
        "format": {"type": "string", "enum": FORMATS},
        "name": TEXT,
        "title": TEXT,
        "caption": TEXT,
        "content": TEXT,
        "tables": maybe({"type": "array", "items": {"$ref": "#/$defs/Table"}}),
        "events": {"type": ["array", "null"], "items": EVENT},
        "chart": maybe(CHART),
    },
    **{"$defs": {"Table": TABLE}},
)


def tool(schema: dict[str, Any] = SCHEMA, name: str = "create_document") -> dict[str, Any]:
    return {
        "type": "function",
        "name": name,
        "description": "x",
        "parameters": schema,
        "strict": True,
    }


def chat_tool(schema: dict[str, Any] = SCHEMA) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {"name": "create_document", "parameters": schema, "strict": True},
    }


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """Whether `value` obeys the part of JSON Schema that stands above."""
    if reference := schema.get("$ref"):
        return fits(value, SCHEMA["$defs"][reference.rpartition("/")[2]])
    if "anyOf" in schema:
        return any(fits(value, option) for option in schema["anyOf"])
    if "enum" in schema and value not in schema["enum"]:
        return False
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    kind = {str: "string", list: "array", dict: "object", int: "number", type(None): "null"}
    if kind[type(value)] not in kinds and not (type(value) is int and "integer" in kinds):
        return False
    if isinstance(value, dict):
        inner = schema["properties"]
        return value.keys() == inner.keys() and all(fits(value[key], inner[key]) for key in inner)
    return not isinstance(value, list) or all(fits(item, schema["items"]) for item in value)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("Сделай план файлом", "pdf"),
        ("Выгрузи в таблицу, пожалуйста", "xlsx"),
        ("Таблицу в csv", "csv"),
        ("Нарисуй график на месяц", "png"),
        ("добавь шаги в календарь", "ics"),
        ("файл Word с планом", "docx"),
        ("Пришли markdown", "md"),
        ("[audio] пришли это файлом", "pdf"),
        ("Make me a spreadsheet", "xlsx"),
        ("Send the plan as a file", "pdf"),
        ("Draw a chart of the week", "png"),
        ("<note>\nfile\n</note>\n\nhello there", None),
        ("[файл план.pdf]\n<<<0a1b\nтаблица, файл, график\n0a1b>>>", None),
        ("сделай график\n[файл план.pdf]\n<<<0a1b\nслова, файл\n0a1b>>>", "png"),
        ("[файл «план.pdf»] (файл под паролем)\n\nЧто важно?", None),
        ("Читаю отчёт.pdf и думаю", None),
        ("My profile is notable", None),
        ("Привет", None),
        ("таблица " * 100, None),
    ],
)
def test_people_ask_for_files_in_their_own_words(said: str, wanted: str | None) -> None:
    assert wanted_format(said) == wanted


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("wanted", FORMATS)
def test_arguments_fit_the_schema_and_fill_what_the_format_needs(
    wanted: str, language: str
) -> None:
    arguments = orjson.loads(tool_arguments(SCHEMA, wanted, language))
    assert fits(arguments, SCHEMA)
    assert arguments["format"] == wanted
    assert arguments["title"] == words(language)["document"]["title"]
    filled = {name for name in ("content", "tables", "events", "chart") if arguments[name]}
    needs = {"xlsx": "tables", "csv": "tables", "ics": "events", "png": "chart"}
    assert filled == {needs.get(wanted, "content")}
    if wanted == "ics":
        starts = [datetime.fromisoformat(event["start"]) for event in arguments["events"]]
        assert all(start.replace(tzinfo=UTC) > datetime.now(UTC) for start in starts)
    if wanted == "xlsx":
        table = arguments["tables"][0]
        assert {len(row) for row in table["rows"]} == {len(table["columns"])}
        assert table["rows"][0][2] == 10
    if wanted == "png":
        chart = arguments["chart"]
        assert {len(each["values"]) for each in chart["series"]} == {len(chart["labels"])}


@pytest.mark.parametrize("wanted", FORMATS)
@pytest.mark.parametrize("language", ["ru", "en"])
async def test_the_companion_s_own_tool_takes_the_arguments(
    client: AsyncOpenAI, wanted: str, language: str
) -> None:
    isolated: Any = None
    own = DocumentMaker(isolated).tool(language)
    request = Request.model_validate_json(tool_arguments(dict(own.parameters), wanted, language))
    assert request.format == wanted
    assert request.title
    word = words(language)["files"][wanted][0].rstrip("*")
    tools: Any = [tool(dict(own.parameters))]
    response = await client.responses.create(model="m", input=f"{word} !", tools=tools)
    (call,) = response.output
    assert call.type == "function_call"
    assert Request.model_validate_json(call.arguments).format == wanted


SHEETS = {"type": "array", "items": TABLE}


def test_arguments_find_their_place_in_other_shapes() -> None:
    schema = strict(
        {
            "file": {
                "anyOf": [
                    strict({"kind": {"const": "text"}, "markdown": TEXT}),
                    strict({"kind": {"type": "string", "enum": ["xlsx"]}, "sheets": SHEETS}),
                ]
            },
            "count": {"type": "integer", "minimum": 3},
            "sure": {"type": "boolean"},
            "tags": {"type": "array", "items": TEXT, "minItems": 2},
        }
    )
    arguments = orjson.loads(tool_arguments(schema, "xlsx", "en"))
    assert arguments["file"]["kind"] == "xlsx"
    assert arguments["file"]["sheets"][0]["columns"]
    assert len(arguments["tags"]) == 2
    assert (arguments["count"], arguments["sure"]) == (3, False)


async def test_a_response_calls_the_tool_in_pieces_and_goes_on_with_its_result(
    ground: Playground, client: AsyncOpenAI
) -> None:
    start: list[Any] = [{"role": "user", "content": "Сделай план файлом"}]
    options: dict[str, Any] = {
        "model": "gpt-6.1-terra",
        "tools": [tool()],
        "store": False,
        "reasoning": {"effort": "low"},
        "include": ["reasoning.encrypted_content"],
    }
    async with client.responses.stream(input=start, **options) as stream:
        events = [event async for event in stream]
        final = await stream.get_final_response()
    assert [event.sequence_number for event in events] == list(range(len(events)))
    pieces = [e.delta for e in events if e.type == "response.function_call_arguments.delta"]
    reasoning, call = final.output
    assert call.type == "function_call"
    assert len(pieces) > 3
    assert "".join(pieces) == call.arguments
    assert orjson.loads(call.arguments)["format"] == "pdf"
    assert reasoning.type == "reasoning"
    assert final.output_text == ""
    assert ground.model.journal.counts["tools"] == 1

    back = {"type": "function_call_output", "call_id": call.call_id, "output": "made: plan.pdf"}
    handed: list[Any] = [item.model_dump(exclude_none=True) for item in final.output]
    after = await client.responses.create(input=[*start, *handed, back], **options)
    assert after.output_text in words("ru")["made"]
    back["output"] = "error: pdf needs content"
    after = await client.responses.create(input=[*start, *handed, back], **options)
    assert after.output_text in words("ru")["not_made"]

    start.append({"role": "assistant", "content": "Готово."})
    start.append({"role": "user", "content": "Спасибо"})
    assert (await client.responses.create(input=start, **options)).output[-1].type == "message"


async def test_a_chat_calls_the_tool_in_fragments(ground: Playground, client: AsyncOpenAI) -> None:
    messages: list[Any] = [{"role": "user", "content": "Make me a spreadsheet"}]
    options: dict[str, Any] = {"model": "local", "tools": [chat_tool()]}
    stream = await client.chat.completions.create(messages=messages, stream=True, **options)
    fragments: list[Any] = []
    finish = None
    async for chunk in stream:
        fragments += chunk.choices[0].delta.tool_calls or []
        finish = chunk.choices[0].finish_reason or finish
    assert finish == "tool_calls"
    assert len(fragments) > 3
    first, *rest = fragments
    assert first.id
    assert first.function.name == "create_document"
    assert {(part.id, part.function.name) for part in rest} == {(None, None)}
    arguments = "".join(part.function.arguments for part in fragments)
    assert orjson.loads(arguments)["format"] == "xlsx"

    whole = await client.chat.completions.create(messages=messages, **options)
    calls = whole.choices[0].message.tool_calls
    assert calls
    assert whole.choices[0].message.content is None
    messages.append(whole.choices[0].message.model_dump(exclude_none=True))
    messages.append({"role": "tool", "tool_call_id": calls[0].id, "content": "made"})
    after = await client.chat.completions.create(messages=messages, **options)
    assert after.choices[0].message.content in words("en")["made"]


async def test_no_tool_is_called_unasked_and_one_is_when_demanded(client: AsyncOpenAI) -> None:
    async def kinds(said: str, **more: Any) -> list[str]:
        options: dict[str, Any] = {"tools": [tool()], **more}
        response = await client.responses.create(model="m", input=said, **options)
        return [item.type for item in response.output]

    assert await kinds("Привет") == ["message"]
    assert await kinds("таблица") == ["message"]
    assert await kinds("Сделай файл", tool_choice="none") == ["message"]
    assert await kinds("Сделай файл", tools=[]) == ["message"]
    assert await kinds("Сделай файл", tools=[tool(name="other")]) == ["message"]
    assert await kinds("Привет", tool_choice="required") == ["function_call"]
    named: Any = {"type": "function", "name": "create_document"}
    assert await kinds("Привет", tool_choice=named) == ["function_call"]


async def test_a_test_may_write_the_calls_itself(ground: Playground, client: AsyncOpenAI) -> None:
    both = [{"name": "a", "arguments": {"x": 1}}, {"name": "b", "arguments": "{broken"}]
    conduct = Conduct(first_token=0.0, total=0.0, tool_calls=[{"name": "gone"}, both])
    ground.model.behave(conduct)
    without = await client.responses.create(model="m", input="x")
    assert [item.type for item in without.output] == ["message"]
    options: dict[str, Any] = {"model": "m", "input": "x", "tools": [tool()]}
    first = await client.responses.create(**options)
    assert [(item.name, item.arguments) for item in first.output] == [("gone", "{}")]  # type: ignore[union-attr]
    async with client.responses.stream(**options) as stream:
        async for _ in stream:
            pass
        second = await stream.get_final_response()
    assert [(item.name, item.arguments) for item in second.output] == [  # type: ignore[union-attr]
        ("a", '{"x":1}'),
        ("b", "{broken"),
    ]
    assert [item.type for item in (await client.responses.create(**options)).output] == ["message"]


async def test_words_may_stand_before_a_call(ground: Playground, client: AsyncOpenAI) -> None:
    conduct = Conduct(first_token=0.0, total=0.0, text="Сейчас соберу.", tool_calls=[{"name": "a"}])
    ground.model.behave(conduct)
    async with client.responses.stream(model="m", input="x", tools=[tool()]) as stream:
        kinds = [event.type async for event in stream]
        final = await stream.get_final_response()
    assert [item.type for item in final.output] == ["message", "function_call"]
    assert final.output_text == "Сейчас соберу."
    assert kinds.count("response.output_item.done") == 2


USER = {"role": "user", "content": "x"}
CALL = {"type": "function_call", "call_id": "call_1", "name": "a", "arguments": "{}"}


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (
            [USER, {"type": "function_call_output", "call_id": "call_9", "output": "x"}],
            "No tool call found for function call output with call_id call_9.",
        ),
        ([USER, CALL], "No tool output found for function call call_1."),
        ([USER, {**CALL, "name": None}], "Missing required parameter: 'input[1].name'."),
        ([USER, {"type": "reasoning", "id": "rs_1", "summary": []}], "Item with id 'rs_1' not"),
        ([USER, {"type": "dream"}], "Invalid value: 'dream'."),
        (
            [{"role": "assistant", "content": [{"type": "input_text", "text": "x"}]}],
            "Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'.",
        ),
    ],
)
async def test_items_that_do_not_belong_together(
    client: AsyncOpenAI, items: list[Any], message: str
) -> None:
    with pytest.raises(openai.APIStatusError) as refused:
        await client.responses.create(model="m", input=items)
    assert message in refused.value.message


CHAT_CALL = {"id": "call_1", "type": "function", "function": {"name": "a", "arguments": "{}"}}
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "made"}
CALLING = {"role": "assistant", "content": None, "tool_calls": [CHAT_CALL]}


@pytest.mark.parametrize(
    ("messages", "message"),
    [
        ([USER, RESULT], "must be a response to a preceeding message with 'tool_calls'"),
        ([USER, CALLING], "did not have response messages: call_1"),
        ([USER, CALLING, USER, RESULT], "did not have response messages: call_1"),
        ([USER, CALLING, {**RESULT, "tool_call_id": "call_2"}], "preceeding message"),
        ([USER, {**CALLING, "tool_calls": [{"id": "call_1"}]}], "function.name"),
        ([{"role": "user", "content": [{"type": "input_text", "text": "x"}]}], "input_text"),
    ],
)
async def test_chat_messages_that_do_not_belong_together(
    client: AsyncOpenAI, messages: list[Any], message: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await client.chat.completions.create(model="m", messages=messages)
    assert message in refused.value.message


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "object", "properties": {}}, "'additionalProperties' is required"),
        (strict({"a": TEXT, "b": TEXT}, required=["a"]), "Missing 'b'"),
        (strict({"a": {"type": "array", "items": {"type": "object"}}}), "additionalProperties"),
        (strict({"a": {}}), "must have a 'type' key"),
        (strict({"a": {"oneOf": [TEXT]}}), "'oneOf' is not permitted"),
        (strict({"a": maybe(strict({"b": TEXT}, required=[]))}), "Missing 'b'"),
        (strict({}, **{"$defs": {"T": {"type": "object"}}}), "additionalProperties"),
        ({"type": "array", "items": TEXT}, "must be a JSON Schema of 'type: \"object\"'"),
    ],
)
async def test_strict_schemas_openai_refuses(
    client: AsyncOpenAI, schema: dict[str, Any], message: str
) -> None:
    broken: Any = [tool(schema)]
    with pytest.raises(openai.BadRequestError) as refused:
        await client.responses.create(model="m", input="x", tools=broken)
    assert refused.value.code == "invalid_function_parameters"
    assert message in refused.value.message
    broken[0]["strict"] = False
    await client.responses.create(model="m", input="x", tools=broken)


async def test_a_tool_in_the_other_api_s_shape_is_refused(client: AsyncOpenAI) -> None:
    tools: Any = [chat_tool()]
    with pytest.raises(openai.BadRequestError) as refused:
        await client.responses.create(model="m", input="x", tools=tools)
    assert refused.value.param == "tools[0].name"


def picture(width: int, height: int, kind: str = "JPEG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, kind)
    return file.getvalue()


def data_url(content: bytes, kind: str = "jpeg") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def shown(*urls: str, text: str = "Что здесь?") -> list[Any]:
    images = [{"type": "input_image", "image_url": url, "detail": "auto"} for url in urls]
    return [{"role": "user", "content": [{"type": "input_text", "text": text}, *images]}]


async def test_pictures_are_described_by_number_and_size(
    ground: Playground, client: AsyncOpenAI
) -> None:
    first, second = picture(640, 480), picture(32, 48, "PNG")
    items = shown(data_url(first), data_url(second, "png"))
    response = await client.responses.create(model="m", input=items)
    assert "Картинок: 2" in response.output_text
    assert "640×480, 32×48" in response.output_text
    assert response.usage
    assert response.usage.input_tokens > 360
    digest = hashlib.sha256(first).hexdigest()
    assert ground.model.journal.seen[digest] == 1
    kept = ground.model.journal.shown(1)["requests"][0]
    assert data_url(second, "png") in str(kept)

    images = [{"type": "image_url", "image_url": {"url": data_url(first), "detail": "low"}}]
    messages: list[Any] = [
        {"role": "user", "content": [{"type": "text", "text": "What?"}, *images]}
    ]
    chat = await client.chat.completions.create(model="m", messages=messages)
    assert "Pictures: 1" in str(chat.choices[0].message.content)
    alone = [{"role": "system", "content": "Look at it."}, {"role": "user", "content": images}]
    silent: Any = await client.chat.completions.create(model="m", messages=alone)  # type: ignore[arg-type]
    assert "Pictures: 1" in str(silent.choices[0].message.content)
    assert ground.model.journal.seen[digest] == 3
    assert ground.model.journal.counts["pictures"] == 4
    messages += [{"role": "assistant", "content": "Nice."}, {"role": "user", "content": "And?"}]
    later = await client.chat.completions.create(model="m", messages=messages)
    assert "Pictures" not in str(later.choices[0].message.content)
    assert ground.model.journal.seen[digest] == 3


async def test_the_journal_keeps_no_megabytes(ground: Playground, client: AsyncOpenAI) -> None:
    noise = Image.effect_noise((600, 600), 90)
    file = io.BytesIO()
    noise.save(file, "PNG")
    await client.responses.create(model="m", input=shown(data_url(file.getvalue(), "png")))
    assert len(str(ground.model.journal.shown(1))) < 3_000


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://example.org/cat.jpg", "invalid_image_url"),
        ("file:///etc/passwd", "invalid_image_url"),
        ("", "invalid_type"),
        (data_url(picture(8, 8), "heic"), "unsupported_image"),
        ("data:text/plain;base64,AAAA", "unsupported_image"),
        ("data:image/jpeg;base64,@@@@", "invalid_base64"),
        (data_url(b"not a picture"), "invalid_image"),
        (data_url(picture(8, 8, "BMP")), "invalid_image"),
    ],
)
async def test_pictures_openai_refuses(
    ground: Playground, client: AsyncOpenAI, url: str, code: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await client.responses.create(model="m", input=shown(url))
    assert refused.value.code == code
    assert not ground.model.journal.seen


async def test_a_picture_is_for_people_to_show(client: AsyncOpenAI) -> None:
    content = shown(data_url(picture(8, 8)))[0]["content"]
    with pytest.raises(openai.BadRequestError):
        await client.responses.create(
            model="m", input=[{"role": "assistant", "content": content}, *shown("")]
        )
