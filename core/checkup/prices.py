"""Does the budget in money see what is spent?"""

from __future__ import annotations

from core.checkup import Verdict, fine, warning
from core.checkup.roles import roles
from core.settings import CoreSettings
from core.tokenscount import use_prices
from core.tokenscount.prices import Prices


async def check_prices(settings: CoreSettings) -> Verdict:
    """Raises `Misconfigured` for a table that can't be read."""
    prices = use_prices(settings.prices_file)
    table = settings.prices_file or "the table that comes along"
    if not (unknown := unpriced(settings, prices)):
        return fine(f"{table} has one for every model in use")
    found = f"{table} has none for {', '.join(unknown)}"
    if not settings.budget_usd_per_day:
        return fine(f"{found}: counted in tokens alone")
    return warning(
        f"{found}: BUDGET_USD_PER_DAY does not see what they cost",
        "Add a line for each of them to PRICES_FILE; docs/administration.md tells how.",
    )


def unpriced(settings: CoreSettings, prices: Prices) -> list[str]:
    """The models that the settings name and nobody knows the price of."""
    used = [role for role in roles(settings) if role.is_set and role.model]
    return sorted(
        {
            role.model
            for role in used
            if prices.of("openai" if role.at_openai else role.host, role.model) is None
        }
    )
