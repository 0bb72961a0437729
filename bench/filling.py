"""Databases as they are after months: people, their visions, what was said, sent and counted."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

DAYS = 60
"""Over which all of it was said."""

PER_VISION = 30
"""Messages of each vision, half of them the companion's, of 250 characters as people write."""

_PEOPLE = """
    insert into public.users (id, created_at)
      select 'p' || n, now() - interval '%(days)s days' * (1 - n::float / %(people)s)
      from generate_series(1, %(people)s) n;
    insert into public.telegram_accounts (telegram_id, user_id, first_name, language_code)
      select n, 'p' || n, 'Имя', 'ru' from generate_series(1, %(people)s) n;
    insert into public.visions (user_id, title, source_key, messages, last_message_at)
      select 'p' || n, 'Путь ' || n, 'fill:' || n, %(each)s, now()
      from generate_series(1, %(people)s) n;
    update public.users u set active_vision_id = v.id from public.visions v where v.user_id = u.id;
"""
# In the order of time, as they came: the visions take turns.
_MESSAGES = """
    insert into public.vision_messages
        (id, vision_id, anchor, part, sender, content, source_key, origin, turn, created_at)
      select n, v.id, n - n %% 2, n %% 2, case n %% 2 when 0 then 'user' else 'assistant' end,
             left(md5(n::text) || ' ' || repeat('ещё один шаг по пути ', 12), 250),
             case n %% 2 when 0 then 'fill:' || n end,
             case n %% 2 when 0 then jsonb_build_object('key', 'fill:' || n) end,
             case n %% 2 when 1 then gen_random_uuid()::text end,
             now() - interval '%(days)s days'
               * (1 - n::float / (%(people)s * (2 * %(each)s - 2) + 2))
      from (select r, row_number() over (order by user_id) p, id from public.visions,
                   generate_series(0, %(each)s / 2 - 1) r) v,
           lateral (select 2 * (v.r::bigint * %(people)s + v.p) + half as n
                    from generate_series(0, 1) half) m
      order by n;
    select setval('public.vision_messages_id_seq', max(id) + 10) from public.vision_messages;
    update public.visions v set last_anchor = m.last, answered_anchor = m.last
      from (select vision_id, max(anchor) as last from public.vision_messages group by 1) m
      where m.vision_id = v.id;
    insert into public.deliveries
        (message_id, user_id, vision_id, attempts, created_at, delivered_at, receipts)
      select m.id, v.user_id, v.id, 1, m.created_at,
             m.created_at + interval '1 second' * (m.id %% 9), array[m.id]
      from public.vision_messages m join public.visions v on v.id = m.vision_id
      where m.sender = 'assistant' order by m.id;
    insert into public.tokenscount
        (clientid, clienttype, provider, model, prompttokens, completiontokens, totaltokens, meta,
         createdat)
      select v.user_id, 'user', 'openai', 'gpt', 2000, 100, 2100, jsonb_build_object(
               'call_key', md5('fill:' || m.id), 'purpose', 'dialogue', 'visionid', v.id,
               'outcome', 'ok', 'usd', 0.0031), m.created_at
      from public.vision_messages m join public.visions v on v.id = m.vision_id
      where m.sender = 'assistant' order by m.id;
    insert into public.usage_days (user_id, day, messages, calls, tokens, usd)
      select clientid, (createdat at time zone 'utc')::date, count(*), count(*), sum(totaltokens),
             sum(0.0031) from public.tokenscount group by 1, 2;
"""


@dataclass(frozen=True, slots=True)
class Filled:
    """Person number n (from 1) is user `p<n>` with the Telegram id n."""

    people: int
    messages: int


async def fill(dsn: str, messages: int, each: int = PER_VISION) -> Filled:
    """`messages` stored in all, so many to each vision, one vision to a person. Everything is
    answered and delivered."""
    people = max(1, messages // each)
    numbers = {"people": people, "each": each, "days": DAYS}
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute("set synchronous_commit = off")
        await connection.execute("set work_mem = '256MB'")
        for block in (_PEOPLE, _MESSAGES):
            for statement in block.split(";\n"):
                if statement.strip():
                    await connection.execute((statement % numbers).encode())
        await connection.execute("vacuum analyze")
        await connection.execute("checkpoint")
    return Filled(people, people * each)
