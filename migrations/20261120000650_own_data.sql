-- What is a person's own: taken along as files, and erased for good when they ask to be forgotten.

create table public.exports (
  id uuid primary key default gen_random_uuid(),
  user_id text not null references public.users (id) on delete cascade,
  chat_id bigint not null,
  thread_id bigint,
  source_key text not null unique,
  run_at timestamptz not null default now(),
  lease text,
  attempts int not null default 0,
  message_id bigint,
  place jsonb,
  volumes int not null default 0,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  failure text
);
comment on column public.exports.run_at is 'When it may be claimed: the end of a running lease';
comment on column public.exports.message_id is 'Telegram''s id of the message that shows the progress';
comment on column public.exports.place is 'Where the first volume begins that has not been sent yet';
create unique index exports_unfinished on public.exports (user_id) where finished_at is null;
create index exports_run_at on public.exports (run_at) where finished_at is null;
create index exports_user_id on public.exports (user_id, created_at);

create table public.erasures (
  user_id text primary key references public.users (id) on delete cascade,
  nonce text,
  offered_until timestamptz,
  asked_at timestamptz,
  run_at timestamptz not null default 'infinity',
  lease text,
  attempts int not null default 0,
  began_at timestamptz,
  farewell_at timestamptz
);
comment on column public.erasures.nonce is 'Of the one button that can confirm it, until offered_until';
comment on column public.erasures.began_at is 'From then on nobody can change their mind';
comment on column public.erasures.farewell_at is 'The last word was about to be sent: there is never a second one';
create index erasures_run_at on public.erasures (run_at);

-- Whose update it is: most kinds have the sender in the same place.
create function public._sender_of(p_payload jsonb) returns text
language sql immutable set search_path = '' as $$
  select jsonb_path_query_first(p_payload, '$.*.from.id') #>> '{}'
$$;
create index kept_updates_lane on public.kept_updates (lane);
create index kept_updates_sender on public.kept_updates (public._sender_of(payload));

-- Everything that is a person's own, in the order in which it is erased: for each table which rows are
-- theirs ($1 the user, $2 visions of theirs, $3 their Telegram ids as text), by which columns they are paged,
-- whether that is done for each vision, what is not told (it is about others, or a secret), and what becomes
-- of them: `delete`, what is set instead, or null: deliveries go with their messages, files when the store has
-- forgotten them, and the rest with the user. A test finds every table that has a person's id and no line here.
create function public._own_tables() returns table (
  place int, name text, mine text, key text, by_vision boolean, hidden text[], erased text
)
language sql immutable set search_path = '' as $$
  select * from (values
    (10, 'turn_queue', 't.vision_id = any ($2)', 'vision_id', false, '{}'::text[], 'delete'),
    (20, 'deliveries', 't.vision_id = any ($2)', null, true, '{}', null),
    (30, 'notices', 't.user_id = $1 and t.kind <> ''feedback''', 'id', false, '{}', 'delete'),
    (31, 'notices', 't.user_id = $1', null, false, '{}', 'delete'),
    (32, 'notices', 't.kind = ''feedback'' and t.content ->> ''user_id'' = $1', null, false, '{}', 'delete'),
    (40, 'held_messages', 't.user_id = $1', 'id', false, '{}', 'delete'),
    (50, 'kept_updates', 't.lane = any ($3) or public._sender_of(t.payload) = any ($3)', 'bot_id, update_id', false,
     '{}', 'delete'),
    (60, 'tokenscount', 't.clientid = $1', 'createdat, id', false, '{}',
     'clientid = null, meta = t.meta - ''visionid'''),
    (70, 'usage_days', 't.user_id = $1', 'day', false, '{}', 'delete'),
    (80, 'admin_log', 't.user_id = $1', 'id', false, '{admin_id}', 'user_id = null, details = ''{}'''),
    (81, 'admin_log', 't.admin_id = $1', null, false, '{}', 'admin_id = ''erased'''),
    (89, 'broadcasts', 't.admin_id = $1 and t.status = ''draft''', null, false, '{}', 'delete'),
    (90, 'invites', 't.made_by = $1', 'id', false, '{code_hash}', 'made_by = ''erased'', note = '''''),
    (91, 'invite_uses', 't.user_id = $1', 'invite_id', false, '{}', 'delete'),
    (92, 'account_links', 't.user_id = $1', 'id', false, '{code_hash}', 'delete'),
    (93, 'former_ids', 't.user_id = $1', 'old_id', false, '{}', 'delete'),
    (94, 'active_people', 't.user_id = $1', 'user_id', false, '{}', 'delete'),
    (95, 'broadcast_recipients', 't.user_id = $1 and t.broadcast_id in (select b.id from public.broadcasts b)',
     'broadcast_id', false, '{}', 'delete'),
    (96, 'broadcasts', 't.admin_id = $1', 'id', false, '{screens}', 'admin_id = ''erased'''),
    (97, 'broadcasts', 't.screens ?| $3', null, false, '{}', 'screens = t.screens - $3'),
    (98, 'problem_words', 't.telegram_id::text = any ($3)', 'name, about, telegram_id', false, '{}', 'delete'),
    (99, 'admin_menus', 't.telegram_id::text = any ($3)', 'telegram_id', false, '{}', 'delete'),
    (100, 'feedback', 't.user_id = $1', 'id', false, '{admin_id}', 'delete'),
    (101, 'feedback', 't.admin_id = $1', null, false, '{}', 'admin_id = ''erased'''),
    (102, 'votes', 't.user_id = $1', 'message_id', false, '{}', 'delete'),
    (200, 'vision_messages', 't.vision_id = any ($2)', 'anchor, part', true, '{}', 'delete'),
    (210, 'files', 't.user_id = $1', 'id', false, '{}', null),
    (220, 'visions', 't.user_id = $1', 'created_at, id', false, '{}', 'delete'),
    (300, 'exports', 't.user_id = $1', 'id', false, '{lease}', 'delete'),
    (310, 'erasures', 't.user_id = $1', 'user_id', false, '{nonce}', null),
    (320, 'telegram_accounts', 't.user_id = $1', 'telegram_id', false, '{}', null),
    (330, 'users', 't.id = $1', 'id', false, '{}', null)
  ) as o (place, name, mine, key, by_vision, hidden, erased)
$$;

-- One's own data are one's own before one is let in, and while one is leaving. Refuses with PT404
-- user_not_found and PT403 blocked.
create function public._own(p_user_id text) returns public.users
language plpgsql stable set search_path = '' as $$
declare
  u public.users;
begin
  select * into u from public.users where id = p_user_id;
  if not found then perform public._fail('PT404', 'user_not_found'); end if;
  if public._level(u) = 'blocked' then perform public._fail('PT403', 'blocked'); end if;
  return u;
end $$;

create function public._telegram_ids(p_user_id text) returns text[]
language sql stable set search_path = '' as $$
  select coalesce(array_agg(l), '{}')
  from public.telegram_accounts a, unnest(array[a.telegram_id::text, 'stop:' || a.telegram_id]) l
  where a.user_id = p_user_id
$$;

-- Asks for everything. state: `queued` (by this update), `running` (asked for before and not finished)
-- or `too_soon`; `until` is when it may be asked for again.
create function public.ask_export(
  p_user_id text, p_chat_id bigint, p_thread_id bigint, p_source_key text, p_pause_minutes int
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  u public.users := public._own(p_user_id);
  e public.exports;
begin
  perform from public.users where id = u.id for update;
  perform from public.telegram_accounts where telegram_id = p_chat_id and user_id = u.id;
  if not found then perform public._fail('PT403', 'not_their_chat'); end if;
  if exists (select from public.erasures r where r.user_id = u.id and r.began_at is not null) then
    perform public._fail('PT409', 'erasing');
  end if;
  select * into e from public.exports where source_key = p_source_key and user_id = u.id;
  if found then return jsonb_build_object('state', 'queued'); end if;
  if exists (select from public.exports where user_id = u.id and finished_at is null) then
    return jsonb_build_object('state', 'running');
  end if;
  select * into e from public.exports
    where user_id = u.id and failure is null and created_at > now() - make_interval(mins => p_pause_minutes)
    order by created_at desc limit 1;
  if found then
    return jsonb_build_object('state', 'too_soon', 'until', e.created_at + make_interval(mins => p_pause_minutes));
  end if;
  insert into public.exports (user_id, chat_id, thread_id, source_key)
    values (u.id, p_chat_id, p_thread_id, p_source_key);
  perform pg_notify('own_data', '');
  return jsonb_build_object('state', 'queued');
end $$;

create function public._export(p_id uuid, p_lease text) returns public.exports
language plpgsql stable set search_path = '' as $$
declare
  e public.exports;
begin
  select * into e from public.exports where id = p_id and lease = p_lease and finished_at is null;
  if not found then perform public._fail('PT423', 'lease_lost'); end if;
  return e;
end $$;

-- The oldest job that nobody works at, or null. `messages`, `files` and `bytes` say how much there is.
create function public.claim_export(p_lease_seconds int) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  e public.exports;
begin
  select * into e from public.exports where finished_at is null and run_at <= clock_timestamp()
    order by run_at limit 1 for update skip locked;
  if not found then return jsonb_build_object('export', null); end if;
  update public.exports
    set lease = gen_random_uuid()::text, attempts = attempts + 1,
        run_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
    where id = e.id returning * into e;
  return (
    select jsonb_build_object('export', jsonb_build_object(
      'id', e.id, 'lease', e.lease, 'attempt', e.attempts, 'chat_id', e.chat_id, 'thread_id', e.thread_id,
      'message_id', e.message_id, 'place', e.place, 'volumes', e.volumes, 'created_at', e.created_at,
      'language', public._language(u.language, a.language_code), 'timezone', u.timezone,
      'messages', (select coalesce(sum(v.messages), 0) from public.visions v where v.user_id = u.id),
      'files', f.count, 'bytes', f.bytes))
    from public.users u
    left join public.telegram_accounts a on a.telegram_id = e.chat_id and a.user_id = u.id,
    lateral (select count(*) as count, coalesce(sum(f.size), 0) as bytes
             from public.files f where f.user_id = u.id) f
    where u.id = e.user_id);
end $$;

create function public.renew_export(p_id text, p_lease text, p_lease_seconds int, p_message_id bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.exports
    set run_at = clock_timestamp() + make_interval(secs => p_lease_seconds),
        message_id = coalesce(p_message_id, message_id)
    where id = p_id::uuid and lease = p_lease and finished_at is null;
  if not found then perform public._fail('PT423', 'lease_lost'); end if;
  return '{}'::jsonb;
end $$;

-- A volume has arrived: whoever takes the job up after this goes on at `p_place`.
create function public.volume_sent(p_id text, p_lease text, p_place jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform public._export(p_id::uuid, p_lease);
  update public.exports set place = p_place, volumes = volumes + 1, attempts = 0 where id = p_id::uuid;
  return '{}'::jsonb;
end $$;

-- `p_failure` null: done. What failed may be asked for again at once.
create function public.finish_export(p_id text, p_lease text, p_failure text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform public._export(p_id::uuid, p_lease);
  update public.exports set finished_at = now(), lease = null, place = null, failure = left(p_failure, 200)
    where id = p_id::uuid;
  return '{}'::jsonb;
end $$;

create function public.postpone_export(p_id text, p_lease text, p_seconds int) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform public._export(p_id::uuid, p_lease);
  update public.exports set lease = null, run_at = clock_timestamp() + make_interval(secs => p_seconds)
    where id = p_id::uuid;
  return '{}'::jsonb;
end $$;

-- The tables of an export: `common` are read once, `by_vision` for each vision.
create function public.export_tables() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'common', coalesce(jsonb_agg(o.name order by o.place desc) filter (where not o.by_vision), '[]'::jsonb),
    'by_vision', coalesce(jsonb_agg(o.name order by o.place desc) filter (where o.by_vision), '[]'::jsonb))
  from public._own_tables() o where o.key is not null
$$;

-- Rows of the person whose export it is, in the order of the table's key, after the row that `p_after` names:
-- up to `p_limit` of them and half a megabyte, one at least. `after` names the last one, null when there are no
-- more. A message brings its delivery along.
create function public.export_rows(
  p_id text, p_lease text, p_table text, p_vision_id text, p_after jsonb, p_limit int
) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  e public.exports := public._export(p_id::uuid, p_lease);
  o record;
  v_visions uuid[];
  v_ids text[] := public._telegram_ids(e.user_id);
  v_rows jsonb;
  v_count int;
  v_limit int := least(greatest(p_limit, 1), 1000);
begin
  select * into o from public._own_tables() t where t.name = p_table and t.key is not null;
  if not found then perform public._fail('PT404', 'table_not_found'); end if;
  v_visions := array(
    select v.id from public.visions v
    where v.user_id = e.user_id and (p_vision_id is null or v.id = p_vision_id::uuid));
  execute format(
    'select coalesce(jsonb_agg(p.told order by p.n) filter (where p.bytes < 500000 or p.n = 1), ''[]''), count(*)
     from (select r.told, r.n, sum(octet_length(r.told::text)) over (order by r.n) as bytes
           from (select %5$s as told, row_number() over (order by %3$s) as n
                 from (select * from public.%1$I t
                       where (%2$s) and ($4 is null or (%3$s) > (select %4$s from jsonb_populate_record(null::public.%1$I, $4) k))
                       order by %3$s limit $5) t) r) p',
    o.name, o.mine, o.key,
    (select string_agg(format('k.%I', c), ', ') from unnest(string_to_array(o.key, ', ')) c),
    case when o.name = 'vision_messages'
      then 'to_jsonb(t) || jsonb_build_object(''delivery'', (select to_jsonb(d) from public.deliveries d where d.message_id = t.id))'
      else format('to_jsonb(t) - %L::text[]', o.hidden) end)
    into v_rows, v_count using e.user_id, v_visions, v_ids, p_after, v_limit;
  return jsonb_build_object('rows', v_rows, 'after', case
    when v_count = v_limit or jsonb_array_length(v_rows) < v_count then (
      select jsonb_object_agg(c, v_rows -> -1 -> c) from unnest(string_to_array(o.key, ', ')) c) end);
end $$;

-- The button that confirms has this nonce and works for `p_minutes`, unless the person is leaving already.
create function public.offer_erasure(p_user_id text, p_nonce text, p_minutes int) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  u public.users := public._own(p_user_id);
begin
  insert into public.erasures as r (user_id, nonce, offered_until)
    values (u.id, p_nonce, now() + make_interval(mins => p_minutes))
    on conflict (user_id) do update set nonce = excluded.nonce, offered_until = excluded.offered_until
      where r.asked_at is null;
  return jsonb_build_object('erase_at', u.erase_at);
end $$;

-- From now on the person is leaving: nothing of theirs is answered or sent until they are gone or change their
-- mind. What is being answered right now comes to nothing, and is answered then. The row of an erasure is always
-- locked before the visions, which come before the person as everywhere.
create function public._leave(p_user_id text, p_at timestamptz) returns timestamptz
language plpgsql set search_path = '' as $$
declare
  v_at timestamptz;
  v_lease text;
begin
  insert into public.erasures as r (user_id, asked_at, run_at) values (p_user_id, now(), p_at)
    on conflict (user_id) do update
    set asked_at = coalesce(r.asked_at, now()),
        run_at = case when r.began_at is null then least(r.run_at, p_at) else r.run_at end;
  perform from public.visions where user_id = p_user_id order by id for update;
  update public.users set erase_at = least(coalesce(erase_at, 'infinity'), p_at), asked = null
    where id = p_user_id returning erase_at into v_at;
  for v_lease in
    select q.lease from public.visions v join public.turn_queue q on q.vision_id = v.id
    where v.user_id = p_user_id and q.lease is not null order by q.vision_id
  loop
    perform pg_notify('turns', 'stop:' || v_lease);
  end loop;
  update public.turn_queue q set run_at = 'infinity', lease = null, lease_by = null, stop_requested = false
    from public.visions v where v.user_id = p_user_id and q.vision_id = v.id;
  update public.deliveries set run_at = 'infinity'
    where user_id = p_user_id and delivered_at is null and failed_at is null;
  update public.notices set run_at = 'infinity', lease = null
    where user_id = p_user_id and coalesce(delivered_at, failed_at) is null;
  return v_at;
end $$;

-- The person has confirmed it. A repeat tells the same; a button of an earlier time is PT404 offer_not_found.
create function public.request_erasure(p_user_id text, p_nonce text, p_days int) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  u public.users := public._own(p_user_id);
begin
  if u.erase_at is not null then return jsonb_build_object('erase_at', u.erase_at); end if;
  update public.erasures set offered_until = null
    where user_id = u.id and nonce = p_nonce and offered_until > now();
  if not found then perform public._fail('PT404', 'offer_not_found'); end if;
  return jsonb_build_object('erase_at', public._leave(u.id, now() + make_interval(days => p_days)));
end $$;

-- An operator has been asked to do it for them; with 0 days it begins at once. PT409 admin_by_settings: not
-- by another admin in the chat.
create function public.erase_user(p_admin_id text, p_user_id text, p_days int) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  u public.users;
  v_at timestamptz;
begin
  perform public._admin(p_admin_id);
  select * into u from public.users where id = p_user_id;
  if not found then perform public._fail('PT404', 'user_not_found'); end if;
  if p_admin_id <> u.id and p_admin_id not like 'console:%' and public._by_settings(u.id) then
    perform public._fail('PT409', 'admin_by_settings');
  end if;
  v_at := public._leave(u.id, now() + make_interval(days => greatest(p_days, 0)));
  if u.erase_at is distinct from v_at then
    perform public._log_act(p_admin_id, 'erase', u.id, jsonb_build_object('erase_at', v_at));
    perform pg_notify('own_data', '');
  end if;
  return jsonb_build_object('erase_at', v_at);
end $$;

-- Everything is as it was; false when there was nothing to take back. PT409 erasing once it has begun.
create function public._stay(u public.users) returns boolean
language plpgsql set search_path = '' as $$
declare
  r public.erasures;
begin
  select * into r from public.erasures where user_id = u.id for update;
  if r.began_at is not null then perform public._fail('PT409', 'erasing'); end if;
  if r.asked_at is null then return false; end if;
  perform from public.visions where user_id = u.id order by id for update;
  update public.users set erase_at = null where id = u.id;
  delete from public.erasures where user_id = u.id;
  update public.turn_queue q set run_at = clock_timestamp(), attempts = 0
    from public.visions v where v.user_id = u.id and q.vision_id = v.id and q.failed_at is null;
  update public.deliveries d
    set run_at = case when v.status = 'deleted' then 'infinity'
                      when d.lease is null then now() else now() + interval '60 seconds' end
    from public.visions v
    where d.user_id = u.id and d.delivered_at is null and d.failed_at is null and v.id = d.vision_id;
  perform pg_notify('turns', v.id::text || ':' || v.last_anchor)
    from public.visions v where v.user_id = u.id and v.last_anchor > v.answered_anchor and v.status <> 'deleted';
  update public.notices set run_at = now()
    where user_id = u.id and coalesce(delivered_at, failed_at) is null;
  perform pg_notify('deliveries', '');
  perform pg_notify('notices', '');
  return true;
end $$;

create function public.cancel_erasure(p_user_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  return jsonb_build_object('kept', public._stay(public._own(p_user_id)));
end $$;

-- An operator takes it back for them.
create function public.keep_user(p_admin_id text, p_user_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  u public.users;
  v_kept boolean;
begin
  perform public._admin(p_admin_id);
  select * into u from public.users where id = p_user_id;
  if not found then perform public._fail('PT404', 'user_not_found'); end if;
  v_kept := public._stay(u);
  if v_kept then perform public._log_act(p_admin_id, 'keep', u.id, '{}'); end if;
  return jsonb_build_object('kept', v_kept);
end $$;

create function public._erasure(p_user_id text, p_lease text, p_lease_seconds int) returns void
language plpgsql set search_path = '' as $$
begin
  update public.erasures set run_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
    where user_id = p_user_id and lease = p_lease;
  if not found then perform public._fail('PT423', 'lease_lost'); end if;
end $$;

-- Somebody whose time has come, or null.
create function public.claim_erasure(p_lease_seconds int) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  r public.erasures;
begin
  select * into r from public.erasures where run_at <= clock_timestamp()
    order by run_at limit 1 for update skip locked;
  if not found then return jsonb_build_object('erasure', null); end if;
  update public.erasures
    set lease = gen_random_uuid()::text, attempts = attempts + 1, began_at = coalesce(began_at, now()),
        run_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
    where user_id = r.user_id returning * into r;
  return jsonb_build_object('erasure', jsonb_build_object(
    'user_id', r.user_id, 'lease', r.lease, 'attempt', r.attempts));
end $$;

-- What has to leave the file store first: folders are the person's visions. `drop_files` forgets the paths.
create function public.erasure_files(p_user_id text, p_lease text, p_lease_seconds int, p_limit int) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform public._erasure(p_user_id, p_lease, p_lease_seconds);
  return jsonb_build_object(
    'folders', (select coalesce(jsonb_agg(v.id order by v.id), '[]'::jsonb) from public.visions v
                where v.user_id = p_user_id),
    'paths', (select coalesce(jsonb_agg(f.storage_path), '[]'::jsonb)
              from (select storage_path from public.files where user_id = p_user_id limit p_limit) f));
end $$;

create function public.drop_files(p_user_id text, p_lease text, p_paths text[]) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform public._erasure(p_user_id, p_lease, 60);
  delete from public.files where user_id = p_user_id and storage_path = any (p_paths);
  return '{}'::jsonb;
end $$;

-- Erases up to `p_limit` rows of the first table, from `p_place` on, that has any; says how many and where that
-- was. 0 when none is left.
create function public.erase_step(
  p_user_id text, p_lease text, p_lease_seconds int, p_place int, p_limit int
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  o record;
  v_visions uuid[] := array(select v.id from public.visions v where v.user_id = p_user_id);
  v_ids text[] := public._telegram_ids(p_user_id);
  v_erased int;
begin
  perform public._erasure(p_user_id, p_lease, p_lease_seconds);
  for o in select * from public._own_tables() t where t.erased is not null and t.place >= p_place order by t.place loop
    execute format(
      case when o.erased = 'delete' then 'delete from public.%1$I t' else 'update public.%1$I t set %3$s' end
        || ' where t.ctid = any (array(select t.ctid from public.%1$I t where %2$s limit $4))',
      o.name, o.mine, o.erased) using p_user_id, v_visions, v_ids, p_limit;
    get diagnostics v_erased = row_count;
    if v_erased > 0 then return jsonb_build_object('place', o.place, 'erased', v_erased); end if;
  end loop;
  return jsonb_build_object('place', null, 'erased', 0);
end $$;

-- Where the last word goes. `first` is true once, for who asks first: after a kill at that very moment there is
-- no word rather than two.
create function public.take_farewell(p_user_id text, p_lease text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_first boolean;
begin
  perform public._erasure(p_user_id, p_lease, 60);
  update public.erasures set farewell_at = now() where user_id = p_user_id and farewell_at is null;
  v_first := found;
  return jsonb_build_object('first', v_first, 'chats', (
    select coalesce(jsonb_agg(jsonb_build_object(
             'chat_id', a.telegram_id, 'language', public._language(u.language, a.language_code))
             order by a.telegram_id), '[]'::jsonb)
    from public.telegram_accounts a join public.users u on u.id = a.user_id where a.user_id = p_user_id));
end $$;

-- The person goes, after all that was theirs. PT409 not_erased while some of it is left. A token row that is being
-- written right now waits for this, or this for it (see `log_tokens`).
create function public.finish_erasure(p_user_id text, p_lease text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select from public.users where id = p_user_id) then return '{}'::jsonb; end if;
  perform public._erasure(p_user_id, p_lease, 60);
  if exists (select from public.files where user_id = p_user_id)
     or (public.erase_step(p_user_id, p_lease, 60, 0, 1000) ->> 'erased')::int > 0 then
    perform public._fail('PT409', 'not_erased');
  end if;
  delete from public.users where id = p_user_id;
  update public.tokenscount set clientid = null, meta = meta - 'visionid' where clientid = p_user_id;
  return '{}'::jsonb;
end $$;

create function public.postpone_erasure(p_user_id text, p_lease text, p_seconds int) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform public._erasure(p_user_id, p_lease, p_seconds);
  update public.erasures set lease = null where user_id = p_user_id;
  return '{}'::jsonb;
end $$;

select public._close_door(
  array['exports', 'erasures'],
  array['_sender_of', '_own_tables', '_own', '_telegram_ids', 'ask_export', '_export', 'claim_export', 'renew_export',
        'volume_sent', 'finish_export', 'postpone_export', 'export_tables', 'export_rows', 'offer_erasure', '_leave',
        'request_erasure', 'erase_user', '_stay', 'cancel_erasure', 'keep_user', '_erasure', 'claim_erasure', 'erasure_files', 'drop_files',
        'erase_step', 'take_farewell', 'finish_erasure', 'postpone_erasure']);
