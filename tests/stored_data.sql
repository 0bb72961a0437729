-- People in the middle of everything: see stored_data.py.
insert into public.users (id, language, timezone, meta)
  select 'u' || n, case when n %% 3 = 0 then 'en' end, 'Europe/Moscow', '{"from": "test"}'
  from generate_series(1, %(people)s) n;
insert into public.telegram_accounts (telegram_id, user_id, first_name)
  select 7000000000 + n, 'u' || n, 'Имя ' || n from generate_series(1, %(people)s) n;
insert into public.visions (id, user_id, title, source_key)
  select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'u' || n, 'Дом у моря №' || n, 'v' || n
  from generate_series(1, %(people)s) n;
update public.users set active_vision_id = ('00000000-0000-4000-8000-' || lpad(substr(id, 2), 12, '0'))::uuid;
insert into public.vision_messages (id, vision_id, anchor, sender, content, payload, source_key, created_at)
  select n, ('00000000-0000-4000-8000-' || lpad((n %% %(people)s + 1)::text, 12, '0'))::uuid, n,
         case when n %% 2 = 0 then 'user' else 'assistant' end,
         'Слова ' || n || E'\tтаб\nстрока \\N \\. 🌊 ' || repeat('море ', n %% 40),
         jsonb_build_object('n', n, 'quote', '"\'), 'm' || n, now() - make_interval(secs => n)
  from generate_series(1, %(messages)s) n;
select setval('public.vision_messages_id_seq', %(messages)s + 1000);
update public.visions v set
  last_anchor = coalesce((select max(anchor) from public.vision_messages m where m.vision_id = v.id and sender = 'user'), 0),
  messages = (select count(*) from public.vision_messages m where m.vision_id = v.id);
update public.visions set answered_anchor = last_anchor where id::text > '00000000-0000-4000-8000-000000000020';
insert into public.turn_queue (vision_id, user_id, run_at, lease, lease_by)
  select v.id, v.user_id, now() + interval '1 hour', 'lease ' || v.id, 'somebody who is gone'
  from public.visions v where v.last_anchor > v.answered_anchor;
insert into public.deliveries (message_id, user_id, vision_id, run_at, lease, receipts)
  select m.id, v.user_id, v.id, now() + interval '1 hour', 'sending', '{1,2}'
  from public.vision_messages m join public.visions v on v.id = m.vision_id
  where m.sender = 'assistant' and m.id <= 99;
insert into public.held_messages (user_id, type, content, source_key)
  select 'u' || n, 'text', 'Подождёт', 'h' || n from generate_series(1, 7) n;
insert into public.tokenscount (clientid, provider, model, totaltokens, rawusage)
  select 'u1', 'openai', 'gpt', n, '{"a": [1, 2]}' from generate_series(1, 50) n;
insert into public.kept_updates (bot_id, update_id, payload)
  select 4242, n, '{"update": "kept"}' from generate_series(1, 3) n;
insert into public.usage_days (user_id, day, messages, tokens, usd, told_for)
  select 'u' || n, current_date, n, n * 1000, 0.000000001, 'день' from generate_series(1, 5) n;
insert into public.usage_totals (day, shard, calls, tokens, usd) select current_date, n, 1, 1, 0.1 from generate_series(0, 3) n;
insert into public.admin_log (admin_id, act, user_id, details)
  select 'console:кто-то', 'set_level', 'u' || n, '{"to": "member"}' from generate_series(1, 5) n;
insert into public.invites (code_hash, note, uses, made_by, expires_at)
  values (sha256('a'), E'для\tдрузей', 5, 'u1', now()), ('\x5c4e00ff', '', 1, 'console:x', now());
insert into public.invite_uses (invite_id, user_id, source_key) select id, 'u2', 'in:' || id from public.invites;
insert into public.account_links (code_hash, user_id, expires_at) values (sha256('b'), 'u3', now());
insert into public.former_ids (old_id, user_id) values ('former', 'u3');
insert into public.notices (user_id, kind, content, source_key, lease, run_at)
  select 'u' || n, 'operators', '{"text": "Письмо \\ \n"}', 'n' || n, case n when 1 then 'sending' end, now()
  from generate_series(1, 4) n;
update public.statistics_state set upto = now() - interval '5 minutes';
insert into public.statistics_days values (current_date, 1, 2, 3, 4, 5, 6);
insert into public.statistics_delays values (current_date, 7, 8);
insert into public.statistics_calls values (current_date, 'gpt', 'dialogue', 1, 2, 3, 5, 1.5, null, 0);
insert into public.active_people select 'u' || n, current_date, 4611686018427387903 from generate_series(1, 5) n;
insert into public.broadcasts (admin_id, content, audience, status, screens, source_key)
  values ('u1', '{"kind": "text", "text": "Всем"}', '{}', 'sending', '{"7000000001": 5}', 'b1');
insert into public.broadcast_recipients (broadcast_id, user_id, state)
  select b.id, 'u' || n, case when n < 3 then 'sent' else 'waiting' end from public.broadcasts b, generate_series(1, 9) n;
insert into public.problems (name, about, details) values ('disk_full', 'машина', '{"percent": 3}');
insert into public.problem_words (name, about, telegram_id) values ('disk_full', 'машина', 7000000001);
insert into public.admin_menus (telegram_id, language) values (7000000001, 'ru');
insert into public.feedback (id, thread, user_id, kind, content, file, message_id, source_key) overriding system value
  values (10, 10, 'u1', 'voice', 'Слышно?', '{"telegram_id": "f"}', 1, 'f1');
insert into public.votes (message_id, user_id, vote) values (1, 'u1', -1);
insert into public.exports (user_id, chat_id, source_key, place) values ('u4', 7000000004, 'e1', '{"source": "users"}');
insert into public.erasures (user_id, nonce) values ('u5', 'да');
