"""The models that the settings name, each with the settings that concern it."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pydantic import SecretStr

from core.checkup import Verdict, failed
from core.checkup.parts import host_of
from core.llm.connection import Connection
from core.llm.failures import CallFailed
from core.settings import CoreSettings

_OPENAI = "api.openai.com"
_KEYS = "https://platform.openai.com/api-keys"
_BILLING = "https://platform.openai.com/settings/organization/billing"


@dataclass(frozen=True, slots=True)
class Role:
    """What a model is for. `prefix` is how the names of its server's settings begin; `setting` is
    the name of the model's own."""

    name: str
    setting: str
    model: str
    prefix: str
    base_url: str
    key_setting: str
    key: str = field(repr=False)

    @property
    def host(self) -> str:
        return host_of(self.base_url) if self.base_url else _OPENAI

    @property
    def at_openai(self) -> bool:
        return urlsplit(self.base_url).hostname in (None, _OPENAI)

    @property
    def is_set(self) -> bool:
        """False where there is no server to ask: no key for OpenAI and no other address."""
        return bool(self.key or self.base_url)

    def connection(self, seconds: float) -> Connection:
        """Raises Misconfigured."""
        return Connection(
            self.prefix,
            "models",
            api_key=self.key,
            base_url=self.base_url,
            connections=2,
            read_seconds=seconds,
        )

    def trouble(self, error: CallFailed) -> Verdict:
        """What a failed call means for the operator."""
        match error.rejected:
            case "key":
                known = f" (…{self.key[-4:]})" if len(self.key) > 12 else ""
                where = (
                    f"Make a new one at {_KEYS} and put" if self.at_openai else "Put the right one"
                )
                return failed(
                    f"{self.host} refuses the key{known}", f"{where} into {self.key_setting}."
                )
            case "quota":
                where = f": {_BILLING}" if self.at_openai else ""
                return failed(
                    f"the account at {self.host} has used up its money or its limit",
                    f"Add credit or raise the limit{where}.",
                )
            case "model":
                return self.no_such_model(())
            case "request":
                return failed(
                    f"{self.host} refuses the request: {error.detail or error.code}",
                    f"Is {self.model} made for this? Set {self.setting} to a model that is.",
                )
            case None:
                return self._unanswered(error)

    def no_such_model(self, close: tuple[str, ...]) -> Verdict:
        default = _default(self.setting) if self.host == _OPENAI else ""
        names = close or ((default,) if default and default != self.model else ())
        advice = f"Set {self.setting} to one that it has"
        advice += f", such as {', '.join(names)}." if names else "."
        return failed(f"{self.host} has no model {self.model}", advice)

    def _unanswered(self, error: CallFailed) -> Verdict:
        if error.code in ("connection", "connection_lost"):
            return failed(
                f"{self.host} can't be reached ({error.detail or error.code})",
                f"Check the network and {self.prefix}_BASE_URL; is the server running?",
            )
        if error.outcome == "timeout":
            return failed(
                f"{self.model} at {self.host} does not answer in time",
                "Try again: a local server may be loading the model; for OpenAI see"
                " https://status.openai.com.",
            )
        return failed(
            f"{self.host} gives no good answer: {error.code} {error.detail}".rstrip(),
            f"Try again in a minute; if it stays so, is {self.prefix}_BASE_URL right?",
        )


def roles(settings: CoreSettings) -> tuple[Role, ...]:
    """Without those that are set to nothing, and a second one of the same model."""
    own = settings.openai_api_key.get_secret_value()
    main = ("OPENAI", settings.openai_base_url, "OPENAI_API_KEY", own)
    hearing = _server(settings, "STT", settings.stt_base_url, settings.stt_api_key)
    voice = _server(settings, "TTS", settings.tts_base_url, settings.tts_api_key)
    cheap = settings.llm_model_cheap
    named = (
        Role("model", "LLM_MODEL", settings.llm_model, *main),
        Role("cheap model", "LLM_MODEL_CHEAP", "" if cheap == settings.llm_model else cheap, *main),
        Role("hearing", "STT_MODEL", settings.stt_model, *hearing),
        Role("voice", "TTS_MODEL", settings.tts_model, *voice),
    )
    return tuple(role for role in named if role.model)


def _server(
    settings: CoreSettings, prefix: str, url: str, key: SecretStr
) -> tuple[str, str, str, str]:
    if url or key.get_secret_value():
        # A key goes to the server it was given for, and to no other.
        return prefix, url or settings.openai_base_url, f"{prefix}_API_KEY", key.get_secret_value()
    own = settings.openai_api_key.get_secret_value()
    return prefix, settings.openai_base_url, "OPENAI_API_KEY", own


def _default(setting: str) -> str:
    return str(CoreSettings.model_fields[setting.lower()].default)
