"""A database after a bad week of a good year: much stored, much waiting, and a few odd people."""

from __future__ import annotations

import psycopg

from bench.filling import DAYS, Filled, fill

MESSAGES = 1_000_000
LONG = 100_000
MANY_VISIONS = 300
WAITING = 10_000
WAITING_OF_ONE = 2_000
UNASKED = 20_000
QUEUED = 20_000
KEPT = 5_000
FILES = 2_000

LONG_USER, MANY_USER, BLOCKED_USER = "long", "many", "blocked"
LONG_CHAT, MANY_CHAT, BLOCKED_CHAT = 2_000_000_001, 2_000_000_002, 2_000_000_003
FIRST_QUEUED = 10_001
"""Person number n and the ones after wait for their answers."""

_ODD_PEOPLE = f"""
    insert into public.users (id) values ('{LONG_USER}'), ('{MANY_USER}'), ('{BLOCKED_USER}');
    insert into public.telegram_accounts (telegram_id, user_id, first_name) values
      ({LONG_CHAT}, '{LONG_USER}', 'Имя'), ({MANY_CHAT}, '{MANY_USER}', 'Имя'),
      ({BLOCKED_CHAT}, '{BLOCKED_USER}', 'Имя');
    insert into public.visions (user_id, title, source_key)
      select '{LONG_USER}', 'Долгий путь', 'long' union all
      select '{BLOCKED_USER}', 'Закрытый путь', 'blocked' union all
      select '{MANY_USER}', 'Путь ' || n, 'many:' || n from generate_series(1, {MANY_VISIONS}) n;
    update public.users u set active_vision_id = v.id from public.visions v
      where v.user_id = u.id and v.source_key in ('long', 'blocked', 'many:1');
    with long as (select id from public.visions where source_key = 'long'),
    numbers as (select n, nextval('public.vision_messages_id_seq') as id
                from generate_series(1, {LONG}) n)
    insert into public.vision_messages
        (id, vision_id, anchor, part, sender, content, source_key, created_at)
      select numbers.id, long.id, first.id + n - n % 2, n % 2,
             case n % 2 when 0 then 'user' else 'assistant' end,
             repeat('ещё один шаг по пути ', 12), case n % 2 when 0 then 'long:' || n end,
             now() - interval '{DAYS} days' * (1 - n / {LONG}.0)
      from numbers, long, (select min(id) as id from numbers) first;
    select setval('public.vision_messages_id_seq', max(anchor) + 10) from public.vision_messages;
    update public.visions v set last_anchor = m.last, answered_anchor = m.last, messages = {LONG}
      from (select max(anchor) as last from public.vision_messages m
            join public.visions l on l.id = m.vision_id where l.source_key = 'long') m
      where v.source_key = 'long';
    insert into public.files (user_id, vision_id, storage_path, mime, size, meta)
      select v.user_id, v.id, v.id || '/' || md5(n::text), 'application/pdf', n,
             jsonb_build_object('kind', 'document', 'name', n || '.pdf')
      from public.visions v, generate_series(1, {FILES}) n where v.source_key = 'long';
    insert into public.files (user_id, vision_id, storage_path, mime, size, meta)
      select v.user_id, v.id, v.id || '/' || md5(n::text), 'audio/ogg', n,
             jsonb_build_object('kind', 'voice', 'seconds', 3)
      from public.visions v, generate_series(1, 2) n where v.source_key like 'fill:%'
"""

_WAITING = f"""
    with notices as (
      insert into public.vision_messages
          (vision_id, anchor, sender, type, content, turn, created_at)
        select v.id, 4000000000 + row_number() over (), 'assistant', 'text', 'Слово в пути.', 'w',
               now() - interval '1 hour' * random()
        from (select id from public.visions where source_key like 'fill:%'
              order by source_key limit {WAITING - WAITING_OF_ONE}) v
        union all
        select v.id, 5000000000 + n, 'assistant', 'text', 'Слово в пути.', 'b' || n,
               now() - interval '1 hour' * random()
        from public.visions v, generate_series(1, {WAITING_OF_ONE}) n where v.source_key = 'blocked'
      returning id, vision_id)
    insert into public.deliveries (message_id, user_id, vision_id)
      select m.id, v.user_id, v.id from notices m join public.visions v on v.id = m.vision_id
      order by m.id;
    with unasked as (
      insert into public.vision_messages (vision_id, anchor, sender, type, content, created_at)
        select v.id, 6000000000 + row_number() over (), 'assistant', 'text', 'Как дела?',
               now() - interval '1 hour' * random()
        from (select id from public.visions where source_key like 'fill:%'
              order by source_key desc limit {UNASKED}) v
      returning id, vision_id)
    insert into public.deliveries (message_id, user_id, vision_id, unasked)
      select m.id, v.user_id, v.id, true from unasked m join public.visions v on v.id = m.vision_id
      order by m.id;
    with queued as (
      select v.id, v.user_id, nextval('public.vision_messages_id_seq') as message_id
      from generate_series({FIRST_QUEUED}, {FIRST_QUEUED + QUEUED - 1}) n
      join public.visions v on v.source_key = 'fill:' || n
    ), stored as (
      insert into public.vision_messages
          (id, vision_id, anchor, sender, content, source_key, created_at)
        select message_id, id, message_id, 'user', 'Я ещё жду ответа.', 'wait:' || message_id,
               now() - interval '1 hour' * random()
        from queued
    ), marked as (
      update public.visions v set last_anchor = q.message_id from queued q where v.id = q.id
    )
    insert into public.turn_queue (vision_id, user_id, lease, lease_by, run_at)
      select id, user_id, case when n % 10 = 0 then 'held:' || n end, 'somebody',
             now() + case when n % 10 = 0 then interval '1 hour' else -interval '1 minute' end
      from (select *, row_number() over () as n from queued) q;
    insert into public.kept_updates (bot_id, update_id, lane, payload)
      select 1, n, 'chat:' || n % 500,
             jsonb_build_object('update_id', n, 'message', repeat('слово ', 200))
      from generate_series(1, {KEPT}) n;
    insert into public.held_messages (user_id, type, content, source_key)
      select '{MANY_USER}', 'text', repeat('слово ', 100), 'held:' || n
      from generate_series(1, 500) n
"""


async def big(dsn: str) -> Filled:
    filled = await fill(dsn, MESSAGES - LONG)
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute("set synchronous_commit = off")
        for statement in (_ODD_PEOPLE + ";\n" + _WAITING).split(";\n"):
            await connection.execute(statement.rstrip(";").encode())
        await connection.execute("vacuum analyze")
        await connection.execute("checkpoint")
    return filled
