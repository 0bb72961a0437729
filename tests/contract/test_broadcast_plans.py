"""What broadcasts have behind them costs the one that goes out nothing, whatever the statistics
of the tables say."""

from __future__ import annotations

import psycopg
import pytest

ROWS = 2_000
# As it stands after a broadcast that was finished, and then some that were stopped at once, before
# PostgreSQL has looked at the table again: it believes that nobody waits.
STALE = f"""
alter table public.broadcast_recipients set (autovacuum_enabled = false);
insert into public.broadcasts (admin_id, content, status, source_key, told_at)
  select 'anna', '{{}}', case when n = 1 then 'finished' else 'stopped' end, 'b' || n, now()
  from generate_series(1, 10) n;
insert into public.broadcast_recipients (broadcast_id, user_id, state)
  select b.id, 'u' || n, 'sent' from public.broadcasts b, generate_series(1, {ROWS}) n
  where b.status = 'finished';
analyze public.broadcasts;
analyze public.broadcast_recipients;
insert into public.broadcast_recipients (broadcast_id, user_id)
  select b.id, 'u' || n from public.broadcasts b, generate_series(1, {ROWS}) n
  where b.status = 'stopped';
insert into public.broadcasts (admin_id, content, status, source_key)
  values ('anna', '{{}}', 'sending', 'last');
insert into public.broadcast_recipients (broadcast_id, user_id)
  select b.id, 'u1' from public.broadcasts b where b.status = 'sending'
"""
READ = """
select coalesce(sum(seq_tup_read + idx_tup_fetch), 0) from pg_stat_xact_user_tables
where relname = 'broadcast_recipients'
"""


@pytest.mark.parametrize(
    "call", ["claim_broadcast_sends('w', 16, 60, 30)", "tend_broadcasts('me', 15)"]
)
async def test_recipients_of_stopped_broadcasts_are_not_read(dsn: str, call: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in STALE.split(";\n"):
            connection.execute(statement.encode())
        with connection.transaction():
            connection.execute(f"select public.{call}".encode())
            [read] = connection.execute(READ.encode()).fetchone() or [ROWS]
    assert read < ROWS
