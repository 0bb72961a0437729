"""Keys of Supabase's old kind, as its dashboard shows them."""

from __future__ import annotations

import base64
import json
from typing import Any


def token(**claims: Any) -> str:
    """A signed-looking JWT with these claims."""

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return ".".join(
        [part({"alg": "HS256", "typ": "JWT"}), part({"iss": "supabase"} | claims), "c2lnbmF0dXJl"]
    )
