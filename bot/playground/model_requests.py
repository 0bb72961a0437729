"""The parameters of requests to the model, checked as strictly as OpenAI checks them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.playground.model_refusals import ModelRefusal, invalid, missing, unknown, unsupported
from bot.playground.shapes import Json, as_list, as_object

ROLES = {"system", "developer", "user", "assistant", "tool", "function"}
EFFORTS = {"none", "minimal", "low", "medium", "high", "xhigh", "max"}
REASONING_BY_DEFAULT = ("gpt-5.4", "gpt-5.5", "gpt-5.6", "gpt-6")

ITEMS = ("message", "function_call", "function_call_output", "reasoning")

Check = Callable[[Any], bool]


def _number(low: float, high: float) -> Check:
    return lambda value: (
        isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
    )


def _whole(low: int) -> Check:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= low


def _is(kind: type) -> Check:
    return lambda value: isinstance(value, kind)


def _text_or(kind: type) -> Check:
    return lambda value: isinstance(value, str | kind)


def _filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _effort(value: Any) -> bool:
    return isinstance(value, str) and value in EFFORTS


def _short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 128


_SHARED: dict[str, Check] = {
    "model": _filled,
    "stream": _is(bool),
    "store": _is(bool),
    "temperature": _number(0, 2),
    "top_p": _number(0, 1),
    "tools": _is(list),
    "tool_choice": _text_or(dict),
    "parallel_tool_calls": _is(bool),
    "metadata": _is(dict),
    "user": _is(str),
    "safety_identifier": _short,
    "prompt_cache_key": _is(str),
    "prompt_cache_options": _is(dict),
    "prompt_cache_retention": _is(str),
    "service_tier": _is(str),
    "stream_options": _is(dict),
    "top_logprobs": _whole(0),
    "moderation": _is(dict),
    "verbosity": _is(str),
}
CHAT: Mapping[str, Check] = _SHARED | {
    "messages": _is(list),
    "max_tokens": _whole(1),
    "max_completion_tokens": _whole(1),
    "reasoning_effort": _effort,
    "response_format": _is(dict),
    "n": _whole(1),
    "stop": _text_or(list),
    "seed": _is(int),
    "presence_penalty": _number(-2, 2),
    "frequency_penalty": _number(-2, 2),
    "logit_bias": _is(dict),
    "logprobs": _is(bool),
    "modalities": _is(list),
    "audio": _is(dict),
    "prediction": _is(dict),
    "web_search_options": _is(dict),
}
RESPONSES: Mapping[str, Check] = _SHARED | {
    "input": _text_or(list),
    "instructions": _is(str),
    "max_output_tokens": _whole(16),
    "max_tool_calls": _whole(1),
    "reasoning": _is(dict),
    "text": _is(dict),
    "include": _is(list),
    "truncation": _is(str),
    "background": _is(bool),
    "previous_response_id": _is(str),
    "conversation": _text_or(dict),
    "prompt": _is(dict),
}


def check(body: Json, known: Mapping[str, Check], needed: str) -> None:
    """Null counts as left out."""
    for name, value in body.items():
        if name not in known:
            raise unknown(name)
        if value is not None and not known[name](value):
            raise invalid(name)
    for name in ("model", needed):
        if not body.get(name):
            raise missing(name)
    if body.get("stream_options") is not None and not body.get("stream"):
        raise ModelRefusal(
            400,
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            param="stream_options",
        )


def check_chat(body: Json) -> list[Json]:
    """The messages. Newer models refuse what OpenAI's newer models refuse."""
    check(body, CHAT, "messages")
    model: str = body["model"]
    effort = body.get("reasoning_effort")
    if model.startswith(REASONING_BY_DEFAULT):
        if body.get("max_tokens") is not None:
            raise ModelRefusal(
                400,
                "Unsupported parameter: 'max_tokens' is not supported with this model. "
                "Use 'max_completion_tokens' instead.",
                param="max_tokens",
                code="unsupported_parameter",
            )
        if body.get("tools") and effort != "none":
            raise ModelRefusal(
                400,
                f"Function tools with reasoning_effort are not supported for {model} in "
                "/v1/chat/completions. To use function tools, use /v1/responses or set "
                "reasoning_effort to 'none'.",
                param="reasoning_effort",
            )
        _check_sampling(body, effort)
    return [check_message(item, "messages", at) for at, item in enumerate(body["messages"])]


def check_responses(body: Json) -> list[Json]:
    """The input as a list of items; a plain string is one user message."""
    check(body, RESPONSES, "input")
    effort = (as_object(body.get("reasoning")) or {}).get("effort")
    if effort is not None and not _effort(effort):
        raise ModelRefusal(
            400,
            "Invalid value for 'reasoning.effort'.",
            param="reasoning.effort",
            code="invalid_value",
        )
    if reasons(body):
        _check_sampling(body, effort)
    if isinstance(body["input"], str):
        return [{"role": "user", "content": body["input"]}]
    return [_item(item, at) for at, item in enumerate(as_list(body["input"]) or [])]


def reasons(body: Json) -> bool:
    return body["model"].startswith(REASONING_BY_DEFAULT)


def check_message(item: Any, where: str, at: int) -> Json:
    message = as_object(item)
    role = message.get("role") if message else None
    if message is None or not isinstance(role, str) or role not in ROLES:
        raise ModelRefusal(
            400,
            f"Invalid value for '{where}[{at}].role'.",
            param=f"{where}[{at}].role",
            code="invalid_value",
        )
    content = message.get("content")
    absent_allowed = role == "assistant"
    if not isinstance(content, str | list) and not (content is None and absent_allowed):
        raise ModelRefusal(
            400,
            f"Invalid type for '{where}[{at}].content': expected a string or an array.",
            param=f"{where}[{at}].content",
            code="invalid_type",
        )
    return message


def _item(item: Any, at: int) -> Json:
    found = as_object(item)
    if found is None:
        raise ModelRefusal(400, f"Invalid type for 'input[{at}]'.", param=f"input[{at}]")
    kind = found.get("type", "message")
    if kind == "message":
        return check_message(found, "input", at)
    if not isinstance(kind, str) or kind not in ITEMS:
        raise ModelRefusal(
            400,
            f"Invalid value: '{kind}'. Supported values are: {', '.join(ITEMS)}.",
            param=f"input[{at}]",
            code="invalid_value",
        )
    if kind == "reasoning" and not found.get("encrypted_content"):
        raise ModelRefusal(
            404,
            f"Item with id '{found.get('id')}' not found. Items are not persisted when `store` is "
            "set to false. Try again with `store` set to true, or remove this item from your "
            "input.",
            param="input",
        )
    return found


def _check_sampling(body: Json, effort: Any) -> None:
    for name in ("temperature", "top_p"):
        if body.get(name) is not None and effort != "none":
            raise unsupported(name)
