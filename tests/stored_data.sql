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
