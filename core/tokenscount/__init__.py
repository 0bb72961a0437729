"""The door to the model: every call goes through here and leaves one row in `tokenscount`."""

from core.tokenscount.calls import call_model_and_log_tokens
from core.tokenscount.media import hear_and_log, speak_and_log
from core.tokenscount.moderating import moderate_and_log
from core.tokenscount.rows import flush, use_prices

__all__ = [
    "call_model_and_log_tokens",
    "flush",
    "hear_and_log",
    "moderate_and_log",
    "speak_and_log",
    "use_prices",
]
