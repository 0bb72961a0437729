"""What gathers around dialogues in a year: people who came and went, the admins' log, letters,
feedback, votes, invites, broadcasts, archives."""

from __future__ import annotations

import psycopg

from bench.big import BLOCKED_USER, LONG_USER, MANY_USER

NEWCOMERS = 70_000
"""Without a vision; with those who talk a hundred thousand people."""

ADMINS = 10
AN_ADMIN = "p1010"
"""The last of them: every word of feedback went to each."""

LOGGED = 100_000
VOTES = 200_000
THREADS = 10_000
OPEN_THREADS = 5_000
THREAD_WORDS = 1_000
"""Of the longest thread."""

TOLD = ADMINS * THREADS
LETTERS_WAITING = 60_000
BROADCASTS = 5
"""Each to a hundred thousand people, all of it told."""

LEAVING = 2_000

_PEOPLE = f"""
    insert into public.users (id, level, external, created_at)
      select 'q' || n, case when n % 50 = 0 then 'blocked' when n % 3 = 0 then 'member' end,
             n % 10 = 0, now() - interval '1 year' * random()
      from generate_series(1, {NEWCOMERS}) n;
    insert into public.telegram_accounts
        (telegram_id, user_id, first_name, last_name, username, language_code, reachable, seen_at)
      select 1000000 + n, 'q' || n, 'Анна', 'Ивановская ' || n, 'anna_' || n,
             case when n % 3 = 0 then 'en' else 'ru' end, n % 10 > 0,
             now() - interval '1 year' * random()
      from generate_series(1, {NEWCOMERS}) n;
    update public.users set level = 'admin'
      where id in (select 'p' || 1000 + n from generate_series(1, {ADMINS}) n);
    insert into public.admin_log (admin_id, act, user_id, details)
      select 'p' || 1001 + n % {ADMINS}, 'set_level', 'q' || 1 + n % {NEWCOMERS},
             '{{"from": null, "to": "member"}}' from generate_series(1, {LOGGED}) n;
    insert into public.invites (code_hash, note, uses, used, made_by, expires_at)
      select sha256(convert_to('invite:' || n, 'UTF8')), 'Для своих', 50, 50, 'p1001',
             now() + interval '1 day' from generate_series(1, 2000) n;
    insert into public.invite_uses (invite_id, user_id, source_key)
      select i.id, 'q' || 1 + (i.id * 35 + n) % {NEWCOMERS}, 'use:' || i.id || ':' || n
      from public.invites i, generate_series(1, 50) n;
    insert into public.account_links (code_hash, user_id, expires_at, used_at)
      select sha256(convert_to('link:' || n, 'UTF8')), 'q' || n, now() + interval '1 day', now()
      from generate_series(1, {NEWCOMERS}) n;
    insert into public.former_ids (old_id, user_id)
      select gen_random_uuid(), 'q' || n from generate_series(1, {NEWCOMERS}) n;
    update public.users set erase_at = now() + interval '7 days'
      where id in (select 'q' || n from generate_series(1, {LEAVING}) n);
    insert into public.erasures (user_id, nonce, asked_at, run_at)
      select 'q' || n, 'n', now(), now() + interval '7 days' from generate_series(1, {LEAVING}) n;
    insert into public.exports (user_id, chat_id, source_key, created_at, finished_at)
      select 'q' || 1 + n % {NEWCOMERS}, 1, 'export:' || n, now() - interval '30 days', now()
      from generate_series(1, 20000) n
"""

_WORDS = f"""
    insert into public.deliveries
        (message_id, user_id, vision_id, attempts, created_at, delivered_at, receipts)
      select m.id, v.user_id, v.id, 1, m.created_at, m.created_at, array[m.id]
      from public.vision_messages m join public.visions v on v.id = m.vision_id
      where v.user_id = '{LONG_USER}' and m.sender = 'assistant' order by m.id;
    insert into public.tokenscount
        (clientid, clienttype, provider, model, prompttokens, completiontokens, totaltokens, meta,
         createdat)
      select v.user_id, 'user', 'openai', 'gpt', 2000, 100, 2100, jsonb_build_object(
               'call_key', md5('long:' || m.id), 'purpose', 'dialogue', 'visionid', v.id,
               'outcome', 'ok', 'usd', 0.0031), m.created_at
      from public.vision_messages m join public.visions v on v.id = m.vision_id
      where v.user_id = '{LONG_USER}' and m.sender = 'assistant' order by m.id;
    insert into public.votes (message_id, user_id, vote, created_at)
      select m.id, v.user_id, case when m.id % 10 = 1 then -1 else 1 end, m.created_at
      from public.vision_messages m join public.visions v on v.id = m.vision_id
      where m.sender = 'assistant' and v.user_id <> '{BLOCKED_USER}'
      order by m.id desc limit {VOTES};
    insert into public.feedback (id, thread, user_id, kind, content, status, source_key, created_at)
      overriding system value
      select n, n, case when n = {THREADS} then '{LONG_USER}' else 'p' || 1 + n % 30000 end, 'text',
             repeat('Спасибо вам! ', 20),
             case when n % ({THREADS} / {OPEN_THREADS}) = 0 then 'open' else 'done' end,
             'word:' || n,
             now() - interval '1 year' * (1 - n / {THREADS}.0)
      from generate_series(1, {THREADS}) n;
    select setval(pg_get_serial_sequence('public.feedback', 'id'), {THREADS});
    insert into public.feedback (thread, user_id, admin_id, kind, content, source_key, created_at)
      select f.id, f.user_id, 'p1001', 'text', repeat('И вам! ', 20), 'reply:' || f.id, f.created_at
      from public.feedback f where f.status = 'done' order by f.id;
    insert into public.feedback (thread, user_id, kind, content, source_key, created_at)
      select {THREADS}, '{LONG_USER}', 'text', repeat('И ещё. ', 30), 'long:' || n,
             now() - interval '2 days' from generate_series(1, {THREAD_WORDS}) n;
    insert into public.notices
        (user_id, kind, content, source_key, delivered_at, receipt, created_at)
      select 'p' || 1001 + n % {ADMINS}, 'feedback', jsonb_build_object(
               'thread', 1 + n / {ADMINS} % {THREADS}, 'user_id', 'p' || 1 + n % 30000,
               'kind', 'text', 'text', repeat('Спасибо вам! ', 20)), 'told:' || n, now(), n, now()
      from generate_series(1, {TOLD}) n;
    insert into public.notices (user_id, kind, content, source_key)
      select 'q' || {LEAVING} + n, 'operators', jsonb_build_object('text', repeat('Письмо. ', 40)),
             'letter:' || n from generate_series(1, {LETTERS_WAITING}) n;
    insert into public.notices (user_id, kind, content, source_key)
      select user_id, 'operators', '{{"text": "Письмо."}}', 'letters:' || user_id || n
      from unnest(array['{LONG_USER}', '{MANY_USER}', '{BLOCKED_USER}']) user_id,
           generate_series(1, 1000) n;
    insert into public.notices (user_id, kind, content, source_key, run_at)
      select 'q' || n, 'operators', '{{"text": "Письмо."}}', 'never:' || n, 'infinity'
      from generate_series(1, {LEAVING}) n;
    insert into public.broadcasts
        (admin_id, content, audience, status, people, counts, source_key, started_at, ended_at,
         told_at)
      select 'p1001', '{{"kind": "text", "text": "Всем!"}}', '{{}}', 'finished', 100000,
             '{{"sent": 95000, "blocked": 5000}}', 'broadcast:' || n, now(), now(), now()
      from generate_series(1, {BROADCASTS}) n;
    insert into public.broadcast_recipients (broadcast_id, user_id, state, telegram_id, attempts)
      select b.id, u.id, case when hashtext(u.id) % 20 = 0 then 'blocked' else 'sent' end, 1, 1
      from public.broadcasts b, public.users u;
    insert into public.problems (name, about, cleared_at)
      select 'queue_grows', 'machine ' || n, case when n > 10 then now() end
      from generate_series(1, 200) n
"""


async def surround(dsn: str) -> None:
    """After `bench.big.big`."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute("set synchronous_commit = off")
        for statement in (_PEOPLE + ";\n" + _WORDS).split(";\n"):
            await connection.execute(statement.encode())
        await connection.execute("vacuum analyze")
        await connection.execute("checkpoint")
