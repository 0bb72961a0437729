"""The table of denied calls: every function of the service, called by those who may not.

`python -m tests.contract.denied` writes docs/denied-calls.md anew.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg import sql

from tests.contract.denied_workers import ANYWAY, OWNERS, WORKERS
from tests.contract.denied_world import ROLES, Someone, World, build
from tests.database import TestServer, reachable_folder
from tests.digest import rows_of_others

DOCUMENT = Path(__file__).parents[2] / "docs" / "denied-calls.md"

Whose = Literal["a person's", "an admin's", "a worker's"]

FUNCTIONS = """
select p.proname::text, coalesce(p.proargnames[1:p.pronargs], '{}')::text[] as names,
       array(select format_type(t, null) from unnest(p.proargtypes) t)::text[] as types
from pg_proc p
where p.pronamespace = 'public'::regnamespace
  and has_function_privilege('service_role', p.oid, 'execute')
  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
order by 1, 2
"""
REFUSED_BY = {"guest": "not_admitted", "blocked": "blocked", "leaving": "leaving"}


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    parameters: dict[str, str]

    @property
    def whose(self) -> Whose | None:
        """None: nobody has said whose it is."""
        first = next(iter(self.parameters), "")
        if self.name in WORKERS:
            return "a worker's"
        if first in ("p_user_id", "p_current_user_id"):
            return "a person's"
        return "an admin's" if first == "p_admin_id" else None

    @property
    def signature(self) -> str:
        return f"{self.name}({', '.join(name.removeprefix('p_') for name in self.parameters)})"


@dataclass(slots=True)
class Examined:
    """`cells` say what each function answered to whom, `faults` what must not be."""

    cells: dict[str, tuple[Function, dict[str, str]]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def examine(dsn: str) -> Examined:
    """Fills an empty, migrated database. Every call is undone before the next."""
    examined = Examined()
    with psycopg.connect(dsn) as connection:
        world = build(connection)
        connection.commit()
        functions = [
            Function(name, dict(zip(names, types, strict=True)))
            for name, names, types in connection.execute(FUNCTIONS.encode())
        ]
        examiner = _Examiner(connection, world)
        for function in functions:
            cells = examiner.cells(function, examined.faults)
            examined.cells[f"{function.name}{sorted(function.parameters)}"] = (function, cells)
    known = {function.name for function in functions}
    for listed in (WORKERS, OWNERS, ANYWAY):
        examined.faults += [
            f"{name} is listed and is not there" for name in sorted(set(listed) - known)
        ]
    return examined


class _Examiner:
    def __init__(self, connection: psycopg.Connection, world: World) -> None:
        self._connection = connection
        self._world = world
        self._before = {role: self._others(someone) for role, someone in world.people.items()}
        connection.rollback()

    def cells(self, function: Function, faults: list[str]) -> dict[str, str]:
        match function.whose:
            case None:
                faults.append(f"{function.name}: nobody says who may call it")
                return {}
            case "a worker's":
                return self._worker(function, faults)
            case "an admin's":
                return {role: self._no_admin(function, role, faults) for role in ROLES}
            case "a person's":
                cells = {"stranger": self._stranger(function, faults)}
                for role in REFUSED_BY:
                    cells[role] = self._refused(function, role, faults)
                return cells

    def _worker(self, function: Function, faults: list[str]) -> dict[str, str]:
        cells: dict[str, str] = {}
        if function.name in OWNERS:
            cells["stranger"] = self._stranger(function, faults)
        # What was read is kept once, whoever holds the turn by then: there the lease is but a name.
        if "p_lease" in function.parameters and function.name != "save_reading":
            victim = replace(self._world.victim, lease="forged")
            answer = self._try(function, arguments(function, victim, victim), "stranger")
            cells["forged lease"] = answer
            if answer.startswith("!"):
                faults.append(f"{function.name}: whoever forged a lease {answer[1:]}")
        return cells

    def _no_admin(self, function: Function, role: str, faults: list[str]) -> str:
        answer = self._try(
            function, arguments(function, self._world.people[role], self._world.victim), role
        )
        if answer != "not_admin":
            faults.append(f"{function.name}: {role}, who is no admin, got {answer}")
        return answer

    def _stranger(self, function: Function, faults: list[str]) -> str:
        """A member, with what is another's."""
        answer = self._try(
            function,
            arguments(function, self._world.people["stranger"], self._world.victim),
            "stranger",
        )
        if answer.startswith("!"):
            faults.append(f"{function.name}: a stranger {answer[1:]}")
        return answer

    def _refused(self, function: Function, role: str, faults: list[str]) -> str:
        """With what is their own, so that nothing but their level stands against it."""
        someone = self._world.people[role]
        if role in ANYWAY.get(function.name, {}):
            answer = self._try(function, arguments(function, someone, self._world.victim), role)
            if answer.startswith("!"):
                faults.append(f"{function.name}: {role} {answer[1:]}")
            return f"{answer} ({ANYWAY[function.name][role]})"
        answer = self._try(function, arguments(function, someone, someone), role)
        if answer != REFUSED_BY[role]:
            faults.append(f"{function.name}: {role} got {answer} in place of {REFUSED_BY[role]}")
        return answer

    def _try(self, function: Function, given: dict[str, Any], role: str) -> str:
        """The name of the refusal, `own` where nobody else's rows are other than they were, or with
        an exclamation mark what is wrong."""
        try:
            answer = self._call(function, given)
            if self._others(self._world.people[role]) != self._before[role]:
                return "!changed what is another's"
            victim = self._world.victim
            if any(word in answer for word in (victim.secret, victim.user_id, victim.lease)):
                return "!was told what is another's"
            return "own"
        except psycopg.Error as error:
            if (error.sqlstate or "").startswith("PT"):
                return str(error.diag.message_primary)
            return f"!failed with {error.sqlstate}, {error.diag.message_primary}: see value_of"
        finally:
            self._connection.rollback()

    def _call(self, function: Function, arguments: dict[str, Any]) -> str:
        given = sql.SQL(", ").join(
            sql.SQL("{} => {}::{}").format(
                sql.Identifier(name),
                sql.Literal(value),
                sql.SQL(function.parameters[name]),  # type: ignore[arg-type]
            )
            for name, value in arguments.items()
        )
        query = sql.SQL("select public.{}({})::text").format(sql.Identifier(function.name), given)
        row = self._connection.execute(query).fetchone()
        return str(row[0]) if row else ""

    def _others(self, who: Someone) -> str:
        return rows_of_others(self._connection, (who.user_id, who.vision_id, who.frozen_id))


def arguments(function: Function, who: Someone, whose: Someone) -> dict[str, Any]:
    return {
        name: value_of(function, name, kind, who, whose, number == 0)
        for number, (name, kind) in enumerate(function.parameters.items())
    }


def value_of(
    function: Function, name: str, kind: str, who: Someone, whose: Someone, first: bool
) -> Any:
    """What a caller would give for this parameter: an id of `whose`, or something harmless."""
    if first and name in ("p_user_id", "p_current_user_id", "p_admin_id"):
        return who.user_id
    special = {
        "p_user_id": whose.user_id,
        "p_vision_id": whose.vision_id,
        "p_message_id": whose.answer_id
        if function.name in ("vote", "give_feedback")
        else whose.message_id,
        "p_file_id": whose.file_id,
        "p_draft_id": whose.draft_id,
        "p_chat_id": whose.telegram_id,
        "p_origin_key": whose.origin_key,
        "p_origin": f'{{"key": "{whose.origin_key}"}}',
        "p_unique_id": "u",
        "p_index": 0,
        "p_lease": whose.lease,
        "p_source_key": f"vision:{whose.telegram_id}"
        if function.name == "create_vision"
        else "key",
        "p_file": '{"kind": "photo", "path": "x/y", "mime": "a/b", "size": 1}',
        "p_status": "frozen",
        "p_from": "vision",
        "p_type": "text",
        "p_kind": "text",
        "p_language": "en",
        "p_voice": "always",
        "p_vote": 1,
        "p_level": "member",
        "p_before_anchor": None,
        "p_before_part": None,
        "p_thread": None,
        "p_offset": 0,
        "p_id": whose.vision_id if kind == "text" else whose.delivery_id,
        "p_upto": whose.message_id,
    }
    if name in special:
        return special[name]
    plain = {"jsonb": "{}", "text[]": "{}", "boolean": True, "text": "x"}
    return plain.get(kind, 1)


def document(examined: Examined) -> str:
    """The table as docs/denied-calls.md has it."""
    lines = [HEAD]
    for whose, head in (("a person's", PERSONS), ("an admin's", ADMINS)):
        lines += [head, "| function | " + " | ".join(ROLES) + " |", "|---" * 5 + "|"]
        for function, cells in examined.cells.values():
            if function.whose == whose:
                row = " | ".join(cells[role] for role in ROLES)
                lines.append(f"| `{function.signature}` | {row} |")
        lines.append("")
    lines += [WORK, "| function | why | stranger | forged lease |", "|---|---|---|---|"]
    for function, cells in examined.cells.values():
        if function.whose == "a worker's":
            tried = f"{cells.get('stranger', '')} | {cells.get('forged lease', '')}"
            lines.append(f"| `{function.signature}` | {WORKERS[function.name]} | {tried} |")
    return "\n".join(lines) + "\n"


HEAD = """\
# Denied calls

Written by `python -m tests.contract.denied`, held true by tests/contract/test_denied.py: every
function that the service may execute, called by people who may not. A cell names the refusal; `own`
says that the call went through and that no row of anybody else was changed or told.
"""
PERSONS = """\
## What a person's own act leads to

The *stranger* is a member who gives ids of another person. *Guest* is a newcomer to a bot that is
open to a list alone, *blocked* is blocked, *leaving* has asked to be forgotten; these three give
what is their own, so that only their level stands against it.
"""
ADMINS = """\
## What an admin's act leads to

Called by people who are no admins, about another person.
"""
WORK = """\
## What only the bot's own processes and the operator's backend call

They know no levels; each is named with its reason in tests/contract/denied_workers.py. Where they
are given somebody's id they are called with a stranger's as well, and where they are given a lease,
with a forged one.
"""


async def _fresh(server: TestServer) -> str:
    return await server.fresh()


def main() -> None:
    with reachable_folder() as folder:
        server = TestServer(folder)
        server.start()
        try:
            examined = examine(asyncio.run(_fresh(server)))
        finally:
            server.stop()
    for fault in examined.faults:
        print(fault)
    DOCUMENT.write_text(document(examined), "utf-8")


if __name__ == "__main__":
    main()
