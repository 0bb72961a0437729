"""For whom the admins' handlers are there."""

from __future__ import annotations

from aiogram import Router

from core import Person


def admin_only(*routers: Router) -> Router:
    """Everybody else finds an unknown command or an outdated button. The database checks it again,
    in every function."""
    admins = Router(name="admins")
    for observer in (admins.message, admins.callback_query):
        observer.filter(_is_admin)
    admins.include_routers(*routers)
    return admins


async def _is_admin(_: object, person: Person) -> bool:
    return person.level == "admin"
