"""What calls cost: the table, and the reckoning."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.app import Core
from core.checkup.prices import check_prices
from core.errors import Misconfigured
from core.settings import CoreSettings
from core.tokenscount.prices import Price, Used, cost, read_prices

HEAD = "model\tinput\tcached\twritten\toutput\taudio\tminute\tcharacters"

amounts = st.decimals(0, 1000, places=4)
dear = st.decimals("0.01", 1000, places=4)
counts = st.integers(0, 10_000_000)
prices = st.builds(Price, *[amounts] * 7)
uses = st.builds(
    Used,
    prompt=counts,
    cached=counts,
    written=counts,
    completion=counts,
    audio=counts,
    seconds=st.integers(0, 10_000).map(float),
    characters=counts,
)


def row(model: str = "gpt-6-luna", provider: str = "openai", **told: Any) -> dict[str, Any]:
    meta = {"requested_model": model, "outcome": "ok"} | told.pop("meta", {})
    return {"prompttokens": 0, "completiontokens": 0, "model": model, "provider": provider} | {
        **told,
        "meta": meta,
    }


def table(tmp_path: Path, *lines: str) -> str:
    path = tmp_path / "prices.tsv"
    path.write_text("\n".join(lines), "utf-8")
    return str(path)


@given(prices, uses)
def test_a_cost_is_never_negative_and_never_above_the_dearest_rate(
    price: Price, used: Used
) -> None:
    dearest = max(price.input, price.cached, price.written)
    answered = max(price.output, price.audio)
    most = (
        used.prompt * dearest + used.completion * answered + used.characters * price.characters
    ) / 1_000_000 + Decimal(used.seconds) / 60 * price.minute
    assert 0 <= price.of(used) <= most + Decimal("1e-9")


@given(prices, st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_twice_the_work_costs_twice_as_much(
    price: Price, fresh: int, cached: int, answered: int
) -> None:
    once = Used(prompt=fresh + cached, cached=cached, completion=answered, seconds=60.0)
    twice = Used(
        prompt=2 * (fresh + cached), cached=2 * cached, completion=2 * answered, seconds=120.0
    )
    assert price.of(twice) == pytest.approx(2 * price.of(once))


@given(prices, uses, st.integers(1, 10**6))
def test_more_cached_than_there_was_counts_as_all_of_it(
    price: Price, used: Used, beyond: int
) -> None:
    def costs(cached: int) -> Decimal:
        return price.of(Used(prompt=used.prompt, cached=cached, written=used.written))

    assert costs(used.prompt + beyond) == costs(used.prompt)
    assert costs(-beyond) == costs(0)


@given(st.integers(0, 10**6), st.integers(0, 10**6), dear)
def test_what_is_cached_at_the_price_of_input_changes_nothing(
    prompt: int, cached: int, input_: Decimal
) -> None:
    none = Decimal(0)
    price = Price(input_, input_, input_, none, none, none, none)
    assert price.of(Used(prompt=prompt, cached=cached)) == price.of(Used(prompt=prompt))


def test_the_table_that_comes_along_reckons_as_its_source_does() -> None:
    ours = read_prices("")
    terra = row(
        "gpt-6.1-terra",
        prompttokens=5200,
        completiontokens=300,
        meta={"cached_tokens": 2000, "cache_write_tokens": 1000},
    )
    assert cost(ours, terra) == pytest.approx(
        (2200 * 1 + 2000 * 0.05 + 1000 * 1.25 + 300 * 5) / 1e6
    )
    assert cost(ours, row("gpt-transcribe", meta={"audio_seconds": 90})) == pytest.approx(0.00675)
    spoken = row("tts-1", meta={"characters": 1000})
    assert cost(ours, spoken) == pytest.approx(0.015)
    unsaid = row("tts-1", meta={"characters": 1000, "outcome": "failed"})
    assert cost(ours, unsaid) == 0
    voice = row(
        "gpt-realtime-2.1-mini",
        prompttokens=100,
        completiontokens=1000,
        meta={"audio_tokens": 900, "audio_seconds": 45.0},
    )
    assert cost(ours, voice) == pytest.approx((100 * 0.6 + 100 * 2.4 + 900 * 20) / 1e6)
    assert cost(ours, row("gpt-6-luna", meta={"outcome": "failed"})) == 0


@pytest.mark.parametrize(
    ("model", "provider", "priced"),
    [
        ("gpt-6-luna-2026-09-22", "openai", True),
        ("openai/gpt-6-luna", "openrouter.ai", True),
        ("gpt-6-luna", "127.0.0.1", False),
        ("gpt-oss-20b", "openai", False),
        ("gpt-6.1-nova", "openai", False),
    ],
)
def test_a_name_is_priced_where_it_is_openais(model: str, provider: str, *, priced: bool) -> None:
    assert (cost(read_prices(""), row(model, provider, prompttokens=9)) is not None) is priced


def test_the_models_of_the_settings_have_prices() -> None:
    fields = CoreSettings.model_fields
    for name in ("llm_model", "llm_model_cheap", "stt_model"):
        assert read_prices("").of("openai", fields[name].default), name


def test_the_model_that_was_asked_for_is_priced_when_the_server_calls_it_otherwise() -> None:
    told = row("deployment-7", prompttokens=1_000_000, meta={"requested_model": "gpt-6-luna"})
    assert cost(read_prices(""), told) == pytest.approx(0.1)


def test_operators_own_table_replaces_it_for_any_server(tmp_path: Path) -> None:
    own = read_prices(
        table(
            tmp_path,
            "# ours",
            "model\toutput\tinput\tcached\twritten\taudio\tminute\tcharacters",
            "",
            "qwen-3*\t2\t1",
            "qwen*\t9\t9",
        )
    )
    used = {"prompttokens": 1_000_000, "completiontokens": 1_000_000, "provider": "10.0.0.5"}
    half = {**used, "meta": {"cached_tokens": 500_000}}
    assert cost(own, row("qwen-3-small", **half)) == pytest.approx(3)
    assert cost(own, row("qwen-2", **used)) == pytest.approx(18)
    assert cost(own, row("gpt-6-luna")) is None


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], "line 1: must name the columns"),
        (["gpt\t1\t2"], "line 1: must name the columns: model, input"),
        (["# ours", HEAD, "gpt\tcheap"], "line 3: input must be a price in dollars"),
        ([HEAD, "gpt\t1\t\t\t-1"], "line 2: output must be a price in dollars"),
        ([HEAD, "gpt\tNaN"], "line 2: input must be"),
        ([HEAD, "gpt\tInfinity"], "line 2: input must be"),
        ([HEAD, "", "\t1"], "line 3: must be a model and 7 prices"),
        ([HEAD, "gpt" + "\t1" * 8], "line 2: must be a model and 7 prices"),
    ],
)
def test_a_table_that_can_not_be_read_is_one_line_that_names_the_line(
    tmp_path: Path, lines: list[str], told: str
) -> None:
    with pytest.raises(Misconfigured) as refused:
        read_prices(table(tmp_path, *lines))
    assert str(refused.value).startswith("PRICES_FILE: ")
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_table_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="No such file"):
        read_prices(str(tmp_path / "none.tsv"))
    (tmp_path / "picture").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(Misconfigured, match="not UTF-8"):
        read_prices(str(tmp_path / "picture"))
    (tmp_path / "huge").write_bytes(b"#" * 1_100_000)
    with pytest.raises(Misconfigured, match="too long"):
        read_prices(str(tmp_path / "huge"))


def settings(tmp_path: Path, **given: Any) -> CoreSettings:
    told = {"openai_api_key": "sk-a-key-of-the-test", "data_dir": tmp_path / "data", **given}
    return CoreSettings(_env_file=None, **told)  # type: ignore[call-arg]


async def test_a_malformed_table_stops_the_start(tmp_path: Path) -> None:
    given = settings(tmp_path, prices_file=table(tmp_path, HEAD, "gpt\tcheap"))
    with pytest.raises(Misconfigured, match="line 2: input must be a price"):
        await Core(given).open()
    with pytest.raises(Misconfigured, match="line 2: input must be a price"):
        await check_prices(given)


async def test_the_doctor_names_what_the_budget_does_not_see(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.tokenscount.rows._prices", [])
    whole = await check_prices(settings(tmp_path, budget_usd_per_day=5))
    assert whole.status == "ok"
    new = {"llm_model": "gpt-7-vega", "stt_model": "ear-9"}
    blind = await check_prices(settings(tmp_path, budget_usd_per_day=5, **new))
    assert blind.status == "warning"
    assert "ear-9, gpt-7-vega" in blind.found
    own = table(tmp_path, HEAD, "gpt*\t1", "ear*\t-\t-\t-\t-\t-\t0.1")
    seen = await check_prices(settings(tmp_path, budget_usd_per_day=5, prices_file=own, **new))
    assert (seen.status, seen.found) == ("ok", f"{own} has one for every model in use")
