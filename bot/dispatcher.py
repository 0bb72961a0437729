"""Which handler an update goes to: routers in the order in which they are asked."""

from __future__ import annotations

from aiogram import Dispatcher, Router

from bot.access import Admission
from bot.doctor.checkups import Checkups
from bot.handlers import (
    access as coming_in,
)
from bot.handlers import (
    admin,
    answers,
    broadcast,
    creating,
    doctor,
    export,
    export_all,
    feedback_admin,
    files,
    forgetting,
    groups,
    held,
    history,
    last,
    lifecycle,
    membership,
    privacy,
    renaming,
    settings,
    start,
    statistics_files,
    stop,
    talk,
    usage,
    visions,
    votes,
)
from bot.handlers import feedback as words_to_operators
from bot.handlers import statistics as numbers
from bot.handlers.admin_only import admin_only
from bot.handlers.chats import in_private
from bot.leaving import Leaving
from bot.middlewares import Questions, Refusals, SignIn, Toasts
from bot.pace import Pace
from bot.texts import Texts
from core import (
    Access,
    Administration,
    Attachments,
    Broadcasts,
    Care,
    Dialogue,
    Feedback,
    Limits,
    OwnData,
    Statistics,
    Users,
    Visions,
)


def build_dispatcher(
    *,
    access: Access,
    administration: Administration,
    users: Users,
    limits: Limits,
    visions: Visions,
    dialogue: Dialogue,
    attachments: Attachments,
    own_data: OwnData,
    feedback: Feedback,
    care: Care,
    broadcasts: Broadcasts,
    statistics: Statistics,
    checkups: Checkups,
    speaks: bool,
    texts: Texts,
) -> Dispatcher:
    """Handlers ask for these by name; `speaks` says whether answers can have a voice.

    `Unavailable` and unexpected errors come out of `feed_update`: the update has then not been
    handled and may be fed again.
    """
    dispatcher = Dispatcher(
        access=access,
        administration=administration,
        users=users,
        limits=limits,
        visions=visions,
        dialogue=dialogue,
        attachments=attachments,
        own_data=own_data,
        feedback=feedback,
        care=care,
        broadcasts=broadcasts,
        statistics=statistics,
        checkups=checkups,
        speaks=speaks,
        texts=texts,
        disable_fsm=True,
    )
    dispatcher.include_routers(groups.router(), membership.router(), _private(access, users, texts))
    return dispatcher


def _private(access: Access, users: Users, texts: Texts) -> Router:
    private = Router(name="private")
    private.message.filter(in_private)
    private.edited_message.filter(in_private)
    pace = Pace()
    for observer in (private.message, private.edited_message, private.callback_query):
        for middleware in (
            Toasts(),
            SignIn(users, texts),
            Refusals(users),
            Admission(access),
            pace,
            Leaving(),
            Questions(users),
        ):
            observer.outer_middleware(middleware)
    private.include_routers(
        coming_in.router(),
        start.router(),
        creating.router(),
        visions.router(),
        lifecycle.router(),
        renaming.router(),
        held.router(),
        history.router(),
        files.router(),
        export.router(),
        export_all.router(),
        forgetting.router(),
        privacy.router(),
        usage.router(),
        settings.router(),
        stop.router(),
        answers.router(),
        votes.router(),
        admin_only(
            admin.router(),
            feedback_admin.router(),
            broadcast.router(),
            doctor.router(),
            numbers.router(),
            statistics_files.router(),
        ),
        words_to_operators.router(),
        last.unknown_commands(),
        talk.router(),
        last.stale_buttons(),
    )
    return private
