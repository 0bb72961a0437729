"""For whom the admins' handlers are there. Everybody else finds an unknown command or button."""

from __future__ import annotations

from core import Person


async def is_admin(_: object, person: Person) -> bool:
    """A filter. The database checks it again, in every function."""
    return person.level == "admin"
