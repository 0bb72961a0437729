-- What a table has that no call of a test would leave there. <u> is the user, <t> their Telegram id, <m> their
-- mark, <v> a vision and <s> an answer of theirs, <n> a number of their own.
insert into kept_updates (bot_id, update_id, lane, payload, failed_at) values
  (4242, <n> * 10, '<t>', '{"update_id": 1, "message": {"from": {"id": <t>}, "text": "<m> kept"}}', now()),
  (4242, <n> * 10 + 1, '-100', '{"edited_message": {"from": {"id": <t>}, "text": "<m> in a group"}}', now());
insert into tokenscount (clientid, clienttype, provider, model, totaltokens, meta)
  select '<u>', 'user', 'p', 'm', i, '{"visionid": "<v>", "purpose": "dialogue"}' from generate_series(1, 3) i;
insert into admin_log (admin_id, act, user_id, details) values
  ('console:x', 'set_level', '<u>', '{"to": "<m>"}'), ('<u>', 'broadcast_started', null, '{}');
insert into invites (code_hash, note, uses, made_by, expires_at)
  values (sha256('<m>'), '<m> invite', 1, '<u>', now());
insert into invite_uses (invite_id, user_id, source_key) values
  ((select id from invites where made_by = '<u>'), '<u>', 'invited:<m>');
insert into account_links (code_hash, user_id, expires_at) values (sha256('<m> link'), '<u>', now());
insert into former_ids (old_id, user_id) values ('former <m>', '<u>');
insert into broadcasts (admin_id, content, screens, status, source_key)
  values ('<u>', '{}', '{"<t>": 5, "7": 6}', 'stopped', 'broadcast <n>'),
         ('<u>', '{"text": "<m>"}', '{}', 'draft', 'draft <n>');
insert into broadcast_recipients (broadcast_id, user_id, state, telegram_id)
  select id, '<u>', 'sent', <t> from broadcasts where admin_id = '<u>' and status = 'stopped';
insert into problems (name, about) values ('p', '<n>');
insert into problem_words (name, about, telegram_id) values ('p', '<n>', <t>);
insert into admin_menus (telegram_id, language) values (<t>, 'ru');
insert into active_people (user_id, last_day, days) values ('<u>', now(), 1)
  on conflict (user_id) do update set days = 1;
insert into usage_days (user_id, day, tokens) values ('<u>', '2026-01-01', 5);
insert into notices (user_id, kind, content, source_key) values
  ('<u>', 'operators', '{"text": "<m> notice"}', 'notice <m>');
insert into votes (message_id, user_id, vote) values (<s>, '<u>', 1);
insert into feedback (id, thread, user_id, kind, content, message_id, source_key) overriding system value
  values (<n>, <n>, '<u>', 'text', '<m> feedback', <s>, 'feedback <m>');
insert into feedback (id, thread, user_id, admin_id, kind, content, source_key) overriding system value
  values (<n> + 500, <n>, '<u>', 'console:x', 'text', '<m> answered', 'answered <m>');
insert into notices (user_id, kind, content, source_key) values
  ((select min(id) from users where id <> '<u>'), 'feedback', '{"user_id": "<u>", "text": "<m> told"}',
   'feedback told <m>');
insert into exports (user_id, chat_id, source_key, finished_at) values ('<u>', <t>, 'export <m>', now());
insert into erasures (user_id, nonce) values ('<u>', '0<n>');
