"""What Supabase means when it does not answer as PostgREST answers a call."""

from __future__ import annotations

import json
import logging
import re
import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from core.database.failures import RequestTooLarge, failure, is_temporary, no_such_function
from core.database.supabase_project import Project
from core.errors import CoreError, Misconfigured, Unavailable

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

# PostgREST without its database or its schema cache.
_TEMPORARY = re.compile(r"PGRST00[0-3]")
_REFUSED = re.compile(r"42501|PGRST30\d")
# Of our own functions, which PostgREST passes on with the status that stands in it.
_RULE = re.compile(r"PT\d{3}")
_SCHEMA_HIDDEN = "PGRST106"
_RESTRICTED, _PAUSED = 402, 540


class NeedsOperator(Unavailable):
    """Somebody has to act before calls succeed, but until then nothing is lost by waiting.

    At the start it is a reason not to start.
    """


def is_an_answer(response: httpx.Response) -> bool:
    """True for the jsonb of a function; everything else is for `refusal`."""
    return response.is_success and "json" in response.headers.get("content-type", "")


def refusal(project: Project, function: str, size: int, response: httpx.Response) -> CoreError:
    """The error to raise. Its message holds codes and names, never the server's own words."""
    told = _told(response)
    status, code, message = response.status_code, _text(told, "code"), _text(told, "message")
    log.debug("%s: %d %s %s", function, status, code, message.replace(project.key, "***"))
    if code == "PGRST202":
        return no_such_function(function)
    if code == _SCHEMA_HIDDEN:
        return Misconfigured(
            f"the Data API of {project.host} does not serve the schema public:"
            " turn it on in Project Settings → Data API, Exposed schemas"
        )
    if (status in (401, 403) and not _RULE.fullmatch(code)) or _REFUSED.fullmatch(code):
        return _key_refused(project, function, code or str(status), message)
    if status == 413:
        return RequestTooLarge(function, size)
    return (
        _of_the_platform(project, status, response)
        or _passing(function, status, code)
        or failure(function, code, message)
    )


def unreachable(project: Project, function: str, error: BaseException) -> Unavailable:
    """The network's trouble, with the host it was about."""
    causes = list(_causes(error))
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        hint = "check SUPABASE_URL and the network"
        if project.ref:
            hint += "; a project that was deleted, or paused for long, has no address either"
        return Unavailable(f"{function}: no such host as {project.host}: {hint}")
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Unavailable(
                f"{function}: {project.host} shows no valid certificate ({cause.verify_message})"
            )
        if isinstance(cause, ssl.SSLError):
            return Unavailable(f"{function}: {project.host} does not speak TLS ({cause.reason})")
    name = type(error).__name__
    silent = name in {"ReadTimeout", "ReadError", "RemoteProtocolError"}
    how = "gives no answer" if silent else "can't be reached"
    return Unavailable(f"{function}: {project.host} {how} ({name})")


def _key_refused(project: Project, function: str, code: str, message: str) -> Misconfigured:
    if code == "42501":
        why = f"its role may not run public.{function}: is it a secret key of this project?"
    elif "legacy" in message.lower():
        why = "keys of the old kind are switched off: use a secret key (sb_secret_…)"
    elif "browser" in message.lower():
        why = "a proxy on the way makes our requests look like a browser's, which may not use it"
    else:
        why = "it is of another project, revoked or cut short"
    return Misconfigured(
        f"SUPABASE_SECRET_KEY is refused by {project.host} ({code}): {why}."
        f" Keys are found on {project.keys_page}"
    )


def _of_the_platform(
    project: Project, status: int, response: httpx.Response
) -> NeedsOperator | None:
    if status == _PAUSED:
        return NeedsOperator(
            f"the Supabase project {project.host} is paused: restore it on its dashboard"
            " (the free plan pauses what nobody used for a week)"
        )
    if status == _RESTRICTED:
        return NeedsOperator(
            f"Supabase has restricted the project {project.host} (402): look at the usage and the"
            " bills of its organisation"
        )
    if response.is_redirect:
        where = _target(str(response.headers.get("location", "")))
        return NeedsOperator(f"SUPABASE_URL: {project.host} sends us on{where}: set that instead")
    if status < 400 or (status in (404, 405, 410) and not _text(_told(response), "code")):
        return NeedsOperator(
            f"SUPABASE_URL: {project.host} answers, but not as a Supabase project does ({status});"
            " set the Project URL, which looks like https://<project>.supabase.co"
        )
    return None


def _target(location: str) -> str:
    with suppress(ValueError):
        parts = urlsplit(location)
        if parts.hostname:
            return f" to {parts.scheme}://{parts.hostname}"
    return ""


def _passing(function: str, status: int, code: str) -> Unavailable | None:
    gateway = not code and (status >= 500 or status in (408, 425, 429))
    if gateway or _TEMPORARY.fullmatch(code) or is_temporary(code):
        return Unavailable(f"{function}: {code or status}")
    if not code:
        return Unavailable(f"{function}: an answer without a code ({status})")
    return None


def _told(response: httpx.Response) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        data: object = json.loads(response.content)
        if isinstance(data, dict):
            return cast("dict[str, Any]", data)
    return {}


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else ""


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
