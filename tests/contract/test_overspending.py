"""Many turns at once against one bound: real claims and accounting, a model's server over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from core.background import Background
from core.database.postgres import PostgresDatabase
from core.dialogue.companion import Reply
from core.dialogue.turn import Turn
from core.dialogue.turns import Turns
from core.llm import ChatMessage
from core.tokenscount import call_model_and_log_tokens, flush, use_prices
from tests.contract.test_turn_life import Screen
from tests.unit.llm_server import Loopback, ending, loopback, piece

TURNS = 100
IN_FLIGHT = 6
"""Of one process; there are two."""

TOKENS = 50
USAGE = {"prompt_tokens": 40, "completion_tokens": 10, "total_tokens": TOKENS}


class Answering:
    """Every turn is one call of the model, by the only door there is."""

    def __init__(self, db: Any, server: Loopback) -> None:
        self._db = db
        self._model = server.model("chat")
        self.at_once = 0
        self.most = 0

    async def prepare(self, turn: Turn, front: Any, preview: Any) -> bool:
        raise AssertionError("there are no files here")

    async def answer(
        self, turn: Turn, preview: Any, show: Callable[[str], None], given: list[Any]
    ) -> Reply:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            done = await call_model_and_log_tokens(
                db=self._db,
                client=self._model,
                clientid=turn.user_id,
                clienttype="user",
                provider=self._model.provider,
                model="small",
                messages=[ChatMessage("user", turn.unanswered[0].content)],
                meta={"visionid": turn.vision_id, "purpose": "dialogue"},
            )
        finally:
            self.at_once -= 1
        return Reply(done.text, finished=True)

    async def close(self) -> None:
        await self._model.close()


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async def takes_its_time(*_: Any) -> None:
        await asyncio.sleep(0.01)

    async with loopback() as running:
        running.replies = [[takes_its_time, piece("chat", "Ответ"), ending("chat", USAGE)]]
        yield running


@asynccontextmanager
async def process(dsn: str, server: Loopback, name: str) -> AsyncIterator[Answering]:
    db = PostgresDatabase(dsn, pool_size=4)
    await db.open()
    background = Background()
    turns = Turns(db, background, worker=name, history=5, limit=IN_FLIGHT)
    answering = Answering(db, server)
    background.spawn(turns.run(answering, Screen(db)), "turns")
    yield answering
    await turns.drain(20)
    await background.drain(0)
    await flush(20)
    await answering.close()
    await db.close()


async def set_policy(db: Any, *, tokens: int = 0, **budget: float) -> None:
    await db.call(
        "set_policy",
        policy={
            "mode": "open",
            "guest_messages": 0,
            "admin_telegram_ids": [],
            "limits": {"member": {"tokens_per_day": tokens}},
            "budget": budget,
        },
    )


async def ask(someone: Any, *, people: int) -> None:
    """All turns wait before anybody looks; each in a vision of its own."""
    asking = [await someone(n + 1) for n in range(people)]
    for n in range(TURNS):
        person = asking[n % people]
        await person.creates(f"{n}")
        await person.says(f"вопрос {n}")


async def until_nothing_waits(dsn: str) -> None:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        while True:
            cursor = await connection.execute(
                b"select count(*) from turn_queue where failed_at is null"
            )
            row = await cursor.fetchone()
            if row == (0,):
                return
            await asyncio.sleep(0.1)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("ground", ["postgres_ground"], indirect=True)
@pytest.mark.parametrize(
    ("people", "bounds"),
    [
        pytest.param(1, {"tokens": 20 * TOKENS}, id="one person in many visions"),
        pytest.param(50, {"tokens_per_day": 20 * TOKENS}, id="budget in tokens"),
        pytest.param(50, {"usd_per_day": 20.0}, id="budget in money"),
    ],
)
async def test_no_more_is_spent_than_the_turns_in_flight_take(
    dsn: str,
    db: Any,
    someone: Any,
    server: Loopback,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    people: int,
    bounds: Any,
) -> None:
    monkeypatch.setattr("core.tokenscount.rows._prices", [])
    # A busy machine is not what is tried here: else an answer waits two seconds for its row.
    monkeypatch.setattr("core.tokenscount.rows._PATIENCE_SECONDS", 60)
    prices = tmp_path / "prices.tsv"
    head = "model\tinput\tcached\twritten\toutput\taudio\tminute\tcharacters"
    # A call of 40 and 10 tokens is one dollar.
    prices.write_text(f"{head}\nsmall\t20000\t\t\t20000", "utf-8")
    use_prices(str(prices))
    await set_policy(db, **bounds)
    await ask(someone, people=people)

    async with process(dsn, server, "a") as first, process(dsn, server, "b") as second:
        async with asyncio.timeout(120):
            await until_nothing_waits(dsn)

    assert first.most + second.most <= 2 * IN_FLIGHT
    spent = await db.call("budget_state")
    assert spent["usd"] == pytest.approx(spent["tokens"] / TOKENS)
    answered = spent["tokens"] // TOKENS
    assert server.requests >= answered
    # Up to the bound, and what was running when it was reached.
    assert 20 <= answered < 20 + 2 * IN_FLIGHT
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        cursor = await connection.execute(
            b"select count(*) filter (where v.answered_anchor = v.last_anchor),"
            b" count(*) filter (where q.failed_at is not null),"
            b" count(*) filter (where exists (select from vision_messages m"
            b"   where m.vision_id = v.id and m.payload ->> 'notice' = 'limit'))"
            b" from visions v left join turn_queue q on q.vision_id = v.id"
        )
        row = await cursor.fetchone()
        assert row
        done, waiting, told = row
    assert done <= answered
    assert done + waiting == TURNS
    # Whoever waits because of the limit has been told so.
    assert 0 < told <= waiting
