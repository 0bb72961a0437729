-- Visions and what is said on the way to them.

create table public.visions (
  id uuid primary key default gen_random_uuid(),
  user_id text not null references public.users (id) on delete cascade,
  title text not null check (char_length(title) between 1 and 120),
  status text not null default 'active' check (status in ('active', 'frozen', 'deleted')),
  source_key text unique,
  messages int not null default 0,
  last_anchor bigint not null default 0,
  answered_anchor bigint not null default 0,
  last_message_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  meta jsonb not null default '{}'
);
comment on column public.visions.source_key is 'What made it, so that a repeated update makes it once';
comment on column public.visions.messages is 'Words of the person and of the companion, for the card';
comment on column public.visions.last_anchor is 'The newest message of the person';
comment on column public.visions.answered_anchor is 'The newest message of the person that has its answer';
create index visions_user_id on public.visions (user_id);

alter table public.users add constraint users_active_vision_id_fkey
  foreign key (active_vision_id) references public.visions (id) on delete set null;
create index users_active_vision_id on public.users (active_vision_id);

-- The universal step of the path. Order inside a dialogue is (anchor, part): a message of the person
-- is its own anchor, an answer stands after the last message it answers, whatever came meanwhile;
-- the unique key makes a second answer to one turn impossible.
create sequence public.vision_messages_id_seq;
create table public.vision_messages (
  id bigint primary key default nextval('public.vision_messages_id_seq'),
  vision_id uuid not null references public.visions (id) on delete cascade,
  anchor bigint not null,
  part smallint not null default 0,
  sender text not null check (sender in ('user', 'assistant', 'system')),
  type text not null default 'text'
    check (type in ('text', 'audio', 'image', 'file', 'file_result', 'info')),
  content text not null default '',
  payload jsonb not null default '{}',
  source_key text,
  origin jsonb,
  turn text,
  created_at timestamptz not null default now(),
  unique (vision_id, anchor, part)
);
alter sequence public.vision_messages_id_seq owned by public.vision_messages.id;
comment on column public.vision_messages.source_key is 'tg:<bot>:<update>:<chat>:<message>: a repeated update is stored once';
comment on column public.vision_messages.origin is 'Receipt of the intake: {"key": tg:<bot>:<chat>:<message>, "thread_id": …, "sent_at": once it was held}';
comment on column public.vision_messages.turn is 'The lease under which an answer was written';
create unique index vision_messages_source_key on public.vision_messages (source_key) where source_key is not null;
create index vision_messages_origin on public.vision_messages ((origin ->> 'key')) where origin is not null;

-- Words that could not be taken yet: there was no vision (vision_id null), it was frozen, or a limit
-- was met (`limited`: {reason, until}), which is asked again when they are sent on.
create table public.held_messages (
  id bigint generated always as identity primary key,
  user_id text not null references public.users (id) on delete cascade,
  vision_id uuid references public.visions (id) on delete cascade,
  type text not null,
  content text not null,
  payload jsonb not null default '{}',
  source_key text not null unique,
  origin jsonb,
  limited jsonb,
  created_at timestamptz not null default now()
);
create index held_messages_user_id on public.held_messages (user_id, vision_id);
create index held_messages_vision_id on public.held_messages (vision_id);

-- A message as readers see it. A view, not a function: the planner looks through it, while a call
-- for each row would cost more than reading the row.
create view public.said with (security_invoker = true) as
  select vision_id, anchor, part, jsonb_build_object(
    'id', id, 'anchor', anchor, 'part', part, 'sender', sender, 'type', type, 'content', content,
    'payload', payload - 'revisions', 'created_at', created_at,
    'files', case when payload ? 'files' then jsonb_array_length(payload -> 'files')
                  when payload ? 'file_id' then 1 else 0 end) as message
  from public.vision_messages
  where sender <> 'system';
revoke all on public.said from public, anon, authenticated, service_role;

-- Locked. Somebody else's vision and an unknown one look the same from outside.
create function public._lock_vision(p_user_id text, p_vision_id uuid) returns public.visions
language plpgsql set search_path = '' as $$
declare
  v public.visions;
begin
  select * into v from public.visions where id = p_vision_id and user_id = p_user_id for update;
  if not found then perform public._fail('PT404', 'vision_not_found'); end if;
  return v;
end $$;

-- The vision that this person acts on themselves, locked.
create function public._own_vision(p_user_id text, p_vision_id uuid) returns public.visions
language plpgsql set search_path = '' as $$
begin
  perform public._admit(p_user_id);
  return public._lock_vision(p_user_id, p_vision_id);
end $$;

create function public._card(v public.visions) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'id', v.id, 'title', v.title, 'status', v.status, 'created_at', v.created_at, 'messages', v.messages,
    'current', exists (select from public.users u where u.id = v.user_id and u.active_vision_id = v.id),
    'held', (select count(*) from public.held_messages h where h.vision_id = v.id),
    'last', (select s.message || jsonb_build_object('content', left(s.message ->> 'content', 300))
             from public.said s where s.vision_id = v.id order by s.anchor desc, s.part desc limit 1))
$$;

create function public._held_nowhere(p_user_id text) returns bigint
language sql stable set search_path = '' as $$
  select count(*) from public.held_messages where user_id = p_user_id and vision_id is null
$$;

-- Creates a vision, makes it the current one, and lets what was held for want of one be its beginning.
create function public.create_vision(p_user_id text, p_title text, p_source_key text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v public.visions;
  v_sent int := 0;
begin
  perform public._admit(p_user_id);
  insert into public.visions (user_id, title, source_key)
    values (p_user_id, left(p_title, 120), p_source_key)
    on conflict (source_key) do nothing returning * into v;
  if v.id is null then
    select * into v from public.visions where source_key = p_source_key and user_id = p_user_id for update;
    if not found then perform public._fail('PT404', 'vision_not_found'); end if;
  else
    update public.users set active_vision_id = v.id, updated_at = now() where id = p_user_id;
    v_sent := public._send_held(v, null);
    select * into v from public.visions where id = v.id;
  end if;
  return public._card(v) || public._held_left(v) || jsonb_build_object('sent', v_sent);
end $$;

create function public.rename_vision(p_user_id text, p_vision_id text, p_title text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v public.visions := public._own_vision(p_user_id, p_vision_id::uuid);
begin
  if v.status = 'deleted' then perform public._fail('PT410', 'vision_deleted'); end if;
  update public.visions set title = left(p_title, 120), updated_at = now() where id = v.id returning * into v;
  return public._card(v);
end $$;

-- Makes a vision the current one; a frozen one too, its words then wait for it to be woken.
create function public.activate_vision(p_user_id text, p_vision_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v public.visions := public._own_vision(p_user_id, p_vision_id::uuid);
begin
  if v.status = 'deleted' then perform public._fail('PT410', 'vision_deleted'); end if;
  update public.users set active_vision_id = v.id, updated_at = now()
    where id = p_user_id and active_vision_id is distinct from v.id;
  return public._card(v) || jsonb_build_object('held_nowhere', public._held_nowhere(p_user_id));
end $$;

create function public.get_vision(p_user_id text, p_vision_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v public.visions;
begin
  perform public._admit(p_user_id);
  select * into v from public.visions
    where id = p_vision_id::uuid and user_id = p_user_id and status <> 'deleted';
  if not found then perform public._fail('PT404', 'vision_not_found'); end if;
  return public._card(v);
end $$;

-- `active` ⇄ `frozen`, either → `deleted`, and back from `deleted` by `restored`, which returns to
-- what it was. Deleting hides: rows stay, undelivered words wait, running turns come to nothing.
create function public.set_vision_status(p_user_id text, p_vision_id text, p_status text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v public.visions := public._own_vision(p_user_id, p_vision_id::uuid);
  v_status text := p_status;
begin
  if p_status not in ('active', 'frozen', 'deleted', 'restored') then
    perform public._fail('PT409', 'unknown_status');
  end if;
  if p_status = 'restored' then
    v_status := case when v.status = 'deleted' then coalesce(v.meta ->> 'status_before', 'active') else v.status end;
  elsif v.status = 'deleted' and p_status <> 'deleted' then
    perform public._fail('PT410', 'vision_deleted');
  end if;
  if v_status <> v.status then
    update public.visions
      set status = v_status, updated_at = now(),
          meta = case when v_status = 'deleted' then meta || jsonb_build_object('status_before', v.status)
                      else meta - 'status_before' end
      where id = v.id returning * into v;
    if v_status = 'deleted' then
      update public.users set active_vision_id = null where id = p_user_id and active_vision_id = v.id;
      update public.deliveries set run_at = 'infinity'
        where user_id = v.user_id and vision_id = v.id and delivered_at is null and failed_at is null;
    elsif p_status = 'restored' then
      update public.users set active_vision_id = v.id where id = p_user_id and active_vision_id is null;
      -- Whoever was sending when it was deleted may still be at it.
      update public.deliveries
        set run_at = case when lease is null then now() else now() + interval '60 seconds' end
        where user_id = v.user_id and vision_id = v.id and delivered_at is null and failed_at is null;
      if v.last_anchor > v.answered_anchor then
        perform public._queue_turn(v, 0);
        perform pg_notify('turns', v.id::text || ':' || v.last_anchor);
      end if;
    end if;
  end if;
  return public._card(v);
end $$;

-- Freezes the current vision, whichever it is when the update `p_source_key` comes first: a repeat, even a
-- late one, means the same vision and does nothing. state: `frozen`, `already` or `none`.
create function public.freeze_current(p_user_id text, p_source_key text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v public.visions;
begin
  perform public._admit(p_user_id);
  perform from public.visions where user_id = p_user_id order by id for update;
  perform from public.users where id = p_user_id for no key update;
  select * into v from public.visions where user_id = p_user_id and meta ->> 'frozen_by' = p_source_key;
  if found then return jsonb_build_object('state', 'frozen', 'card', public._card(v)); end if;
  select a.* into v from public.users u join public.visions a on a.id = u.active_vision_id
    where u.id = p_user_id and a.user_id = p_user_id;
  if not found then return jsonb_build_object('state', 'none'); end if;
  v := public._own_vision(p_user_id, v.id);
  if v.status <> 'active' then return jsonb_build_object('state', 'already', 'card', public._card(v)); end if;
  update public.visions
    set status = 'frozen', updated_at = now(), meta = meta || jsonb_build_object('frozen_by', p_source_key)
    where id = v.id returning * into v;
  return jsonb_build_object('state', 'frozen', 'card', public._card(v));
end $$;

-- Moves what was held into an active vision; `p_from` tells which: `vision` (held for it) or `nowhere`
-- (held when there was no vision at all). What met a limit goes as far as there is room by now; `left` is
-- the number of the rest, `limit` {reason, until} what stands against it.
create function public.send_held(p_user_id text, p_vision_id text, p_from text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v public.visions := public._own_vision(p_user_id, p_vision_id::uuid);
begin
  if v.status = 'deleted' then perform public._fail('PT410', 'vision_deleted'); end if;
  if v.status = 'frozen' then perform public._fail('PT409', 'vision_frozen'); end if;
  return jsonb_build_object('sent', public._send_held(v, case when p_from = 'vision' then v.id end))
    || public._held_left(v);
end $$;

-- Active ones first, then the archive; inside, the freshest first.
create function public.list_visions(p_user_id text, p_offset int, p_limit int) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  perform public._admit(p_user_id);
  return (
  with mine as (
    select v.* from public.visions v where v.user_id = p_user_id and v.status <> 'deleted'
  ), page as (
    select * from mine
    order by status, coalesce(last_message_at, created_at) desc, id
    offset greatest(p_offset, 0) limit least(greatest(p_limit, 1), 100)
  )
  select jsonb_build_object(
    'total', (select count(*) from mine),
    'held_nowhere', public._held_nowhere(p_user_id),
    'items', coalesce((
      select jsonb_agg(jsonb_build_object(
               'id', p.id, 'title', p.title, 'status', p.status,
               'current', u.active_vision_id is not distinct from p.id)
             order by p.status, coalesce(p.last_message_at, p.created_at) desc, p.id)
      from page p join public.users u on u.id = p.user_id), '[]'::jsonb)));
end $$;

-- A message with files: {"head": …, "files": [{kind, key, message, telegram_id, unique_id, size, mime, name,
-- seconds, said, caption}, …], "album": …}. `said` tells what is in the file, as far as it is known,
-- `file_id` and `state` come once it is kept and read. The content of such a message is made of them:
-- the person's own words first, so that nothing in a file can pass for them.
create function public._content(p_content text, p_payload jsonb) returns text
language sql immutable set search_path = '' as $$
  select case when p_payload ? 'files' then (
      select concat_ws(E'\n', nullif(p_payload ->> 'head', ''),
                       string_agg(nullif(f ->> 'caption', ''), E'\n' order by n),
                       string_agg(nullif(f ->> 'said', ''), E'\n' order by n))
      from jsonb_array_elements(p_payload -> 'files') with ordinality as t (f, n))
    else p_content end
$$;

create function public._with_item(p_album jsonb, p_payload jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_set(p_album, '{files}', (p_album -> 'files') || (p_payload -> 'files'))
$$;

-- The message that an item of an album belongs to: unanswered, and not in a turn that is being
-- answered right now. Locks the queue row, so that no turn begins between this and the change.
create function public._album_of(v public.visions, p_payload jsonb, p_origin jsonb) returns bigint
language plpgsql set search_path = '' as $$
declare
  v_lease text;
  v_upto bigint;
begin
  if not p_payload ? 'album' then return null; end if;
  select lease, upto into v_lease, v_upto from public.turn_queue where vision_id = v.id for update;
  return (
    select m.id from public.vision_messages m
    where m.origin ->> 'key' = p_origin ->> 'key' and m.origin is not null
      and m.vision_id = v.id and m.anchor > v.answered_anchor and m.payload ? 'album'
      and (v_lease is null or v_upto is null or m.anchor > v_upto)
    order by m.id desc limit 1);
end $$;

-- One message of the person becomes part of the path; the vision is locked by the caller.
create function public._store_message(
  v public.visions, p_source_key text, p_type text, p_content text, p_payload jsonb, p_origin jsonb
) returns bigint
language plpgsql set search_path = '' as $$
declare
  v_id bigint := public._album_of(v, p_payload, p_origin);
begin
  if v_id is not null then
    update public.vision_messages m
      set payload = public._with_item(m.payload, p_payload),
          content = public._content('', public._with_item(m.payload, p_payload))
      where m.id = v_id;
    return v_id;
  end if;
  v_id := nextval('public.vision_messages_id_seq');
  insert into public.vision_messages (id, vision_id, anchor, sender, type, content, payload, source_key, origin)
    values (v_id, v.id, v_id, 'user', p_type, public._content(p_content, p_payload), p_payload, p_source_key, p_origin)
    on conflict do nothing;
  if not found then return null; end if;
  update public.visions set messages = messages + 1, last_anchor = v_id, last_message_at = now() where id = v.id;
  return v_id;
end $$;

create function public._send_held(v public.visions, p_held_for uuid) returns int
language plpgsql set search_path = '' as $$
declare
  v_taken bigint[] := public._take_held(v, p_held_for);
  v_sent int;
  v_stored int;
  v_last bigint;
begin
  with held as (
    delete from public.held_messages
    where user_id = v.user_id and vision_id is not distinct from p_held_for
      and (limited is null or id = any (v_taken)) returning *
  ), numbered as (
    select nextval('public.vision_messages_id_seq') as new_id, h.*
    from (select * from held order by id) h
  ), stored as (
    insert into public.vision_messages
        (id, vision_id, anchor, sender, type, content, payload, source_key, origin, created_at)
      select new_id, v.id, new_id, 'user', type, content, payload, source_key,
             origin || jsonb_build_object('sent_at', now()), created_at
      from numbered
      on conflict do nothing returning id
  )
  select (select count(*) from held), count(*), max(id) into v_sent, v_stored, v_last from stored;
  if v_stored > 0 then
    update public.visions
      set messages = messages + v_stored, last_anchor = v_last, last_message_at = now() where id = v.id;
    perform public._queue_turn(v, 0);
    perform pg_notify('turns', v.id::text || ':' || v_last);
  end if;
  return v_sent;
end $$;

-- The words go to the current vision. state: `stored`, or `no_vision` / `frozen` / `limited` when they are
-- held; see `_limit_message` for the last.
-- `p_delay_ms` gives the rest of a bunch time to arrive before the turn may begin.
create function public.receive_message(
  p_user_id text, p_source_key text, p_type text, p_content text, p_payload jsonb, p_origin jsonb,
  p_delay_ms int
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  u public.users;
  v public.visions;
  v_vision_id uuid;
  v_message_id bigint;
  v_limited jsonb;
begin
  u := public._admit(p_user_id);
  v_vision_id := u.active_vision_id;
  if v_vision_id is not null then
    select * into v from public.visions where id = v_vision_id and user_id = p_user_id for update;
  end if;
  -- A repeated update is told what happened the first time, whatever has become of the vision since.
  select id, vision_id into v_message_id, v_vision_id from public.vision_messages where source_key = p_source_key;
  if not found and p_payload ? 'album' then
    select id, vision_id into v_message_id, v_vision_id from public.vision_messages
      where origin ->> 'key' = p_origin ->> 'key' and origin is not null
        and payload -> 'files' @> jsonb_build_array(jsonb_build_object('key', p_source_key));
  end if;
  if v_message_id is not null then
    return jsonb_build_object('state', 'stored', 'duplicate', true, 'vision_id', v_vision_id, 'message_id', v_message_id);
  end if;
  v_limited := public._limit_message(u, v, p_source_key, p_type, p_content, p_payload, p_origin);
  if v_limited is not null then return v_limited; end if;
  if v.status = 'active' then
    v_message_id := public._store_message(v, p_source_key, p_type, p_content, p_payload, p_origin);
    if v_message_id is null then
      return jsonb_build_object('state', 'stored', 'duplicate', true, 'vision_id', v.id, 'message_id', null);
    end if;
    perform public._queue_turn(v, p_delay_ms);
    return jsonb_build_object('state', 'stored', 'duplicate', false, 'vision_id', v.id, 'message_id', v_message_id);
  end if;
  update public.held_messages h
    set payload = public._with_item(h.payload, p_payload),
        content = public._content('', public._with_item(h.payload, p_payload))
    where p_payload ? 'album' and h.payload ? 'album' and h.user_id = p_user_id
      and h.origin ->> 'key' = p_origin ->> 'key'
      and h.vision_id is not distinct from (case when v.status = 'frozen' then v.id end)
      and not h.payload -> 'files' @> jsonb_build_array(jsonb_build_object('key', p_source_key));
  if not found then
    insert into public.held_messages (user_id, vision_id, type, content, payload, source_key, origin)
      select p_user_id, case when v.status = 'frozen' then v.id end, p_type, public._content(p_content, p_payload),
             p_payload, p_source_key, p_origin
      where not exists (
        select from public.held_messages h
        where h.user_id = p_user_id and p_payload ? 'album'
          and h.payload -> 'files' @> jsonb_build_array(jsonb_build_object('key', p_source_key)))
      on conflict (source_key) do nothing;
  end if;
  return jsonb_build_object(
    'state', case when v.status = 'frozen' then 'frozen' else 'no_vision' end, 'duplicate', not found,
    'vision_id', case when v.status = 'frozen' then v.id end,
    'title', case when v.status = 'frozen' then v.title end, 'message_id', null);
end $$;

-- The payload after an edit: a new caption, or another file in the place of the old one.
create function public._edited(p_old jsonb, p_new jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select case when p_old ? 'files' and p_new ? 'files' then jsonb_set(p_old, '{files}', (
      select jsonb_agg(case
          when f ->> 'message' is distinct from n ->> 'message' then f
          when f ->> 'unique_id' = n ->> 'unique_id' then f || jsonb_build_object('caption', n -> 'caption')
          else n end order by i)
      from jsonb_array_elements(p_old -> 'files') with ordinality as t (f, i), (select p_new -> 'files' -> 0 as n) e))
    when p_new ? 'files' then p_old || p_new
    else p_old end
$$;

-- A message becomes what its file is, unless it is one of several.
create function public._edited_type(p_old text, p_new text, p_payload jsonb, p_new_payload jsonb) returns text
language sql immutable set search_path = '' as $$
  select case when p_new_payload ? 'files' and coalesce(jsonb_array_length(p_payload -> 'files'), 0) <= 1
    then p_new else p_old end
$$;

-- The person changed what they had written. The old words stay as a revision, the last ten of them.
-- state: `unanswered` (the new words will be answered), `answered`, `held`, `same`, `frozen` (nothing
-- is changed in a frozen vision), `new_file` (another file took the place of an answered one in the
-- current vision: nothing is changed, it is to be received as a message of its own; in any other
-- vision it is only kept, as a revision), `unknown`.
create function public.edit_message(
  p_user_id text, p_origin_key text, p_type text, p_content text, p_payload jsonb
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  m public.vision_messages;
  v public.visions;
  v_held bigint;
  v_payload jsonb;
  v_content text;
  v_revisions jsonb;
begin
  perform public._admit(p_user_id);
  select * into m from public.vision_messages
    where origin ->> 'key' = p_origin_key and origin is not null
    -- Of an album that came in parts, the part with this item.
    order by coalesce(payload -> 'files' @> jsonb_build_array(
               jsonb_build_object('message', p_payload -> 'files' -> 0 -> 'message')), false) desc, id desc
    limit 1;
  if not found then
    update public.held_messages
      set content = public._content(p_content, public._edited(payload, p_payload)),
          payload = public._edited(payload, p_payload),
          type = public._edited_type(type, p_type, payload, p_payload)
      where user_id = p_user_id and origin ->> 'key' = p_origin_key returning id into v_held;
    return jsonb_build_object('state', case when v_held is null then 'unknown' else 'held' end);
  end if;
  v := public._own_vision(p_user_id, m.vision_id);
  select * into m from public.vision_messages where id = m.id for update;
  if v.status = 'deleted' then return jsonb_build_object('state', 'unknown'); end if;
  v_payload := public._edited(m.payload, p_payload);
  v_content := public._content(p_content, v_payload);
  if m.content = v_content and m.payload -> 'files' is not distinct from v_payload -> 'files' then
    return jsonb_build_object('state', 'same');
  end if;
  if v.status = 'frozen' then return jsonb_build_object('state', 'frozen'); end if;
  if m.anchor <= v.answered_anchor and p_payload ? 'files' and not coalesce(m.payload -> 'files' @> jsonb_build_array(
       jsonb_build_object('unique_id', p_payload -> 'files' -> 0 -> 'unique_id')), false) then
    if exists (select from public.users u where u.id = p_user_id and u.active_vision_id = v.id) then
      return jsonb_build_object('state', 'new_file');
    end if;
    update public.vision_messages
      set payload = payload || jsonb_build_object('revisions', coalesce(payload -> 'revisions', '[]'::jsonb)
        || jsonb_build_array(jsonb_build_object(
             'content', public._content(p_content, p_payload), 'files', p_payload -> 'files', 'until', now())))
      where id = m.id;
    return jsonb_build_object('state', 'answered', 'vision_id', v.id);
  end if;
  v_revisions := coalesce(m.payload -> 'revisions', '[]'::jsonb)
    || jsonb_build_array(jsonb_build_object('content', m.content, 'until', now()));
  update public.vision_messages
    set content = v_content,
        type = public._edited_type(m.type, p_type, m.payload, p_payload),
        payload = v_payload || jsonb_build_object('revisions', case
          when jsonb_array_length(v_revisions) > 10 then v_revisions - 0 else v_revisions end)
    where id = m.id;
  if m.anchor > v.answered_anchor then
    update public.turn_queue set edited = least(edited, m.anchor) where vision_id = v.id and lease is not null;
    perform pg_notify('turns', v.id::text || ':edited:' || m.anchor);
    return jsonb_build_object('state', 'unanswered', 'vision_id', v.id, 'message_id', m.anchor);
  end if;
  return jsonb_build_object('state', 'answered', 'vision_id', v.id);
end $$;

-- The last `p_limit` messages before the place (anchor, part), oldest first; words of the system
-- are not part of the conversation. Null anchor: from the end.
create function public.get_history(
  p_user_id text, p_vision_id text, p_before_anchor bigint, p_before_part int, p_limit int
) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_items jsonb;
  v_limit int := least(greatest(p_limit, 1), 200);
  v_title text;
begin
  perform public._admit(p_user_id);
  select title into v_title from public.visions
    where id = p_vision_id::uuid and user_id = p_user_id and status <> 'deleted';
  if not found then perform public._fail('PT404', 'vision_not_found'); end if;
  select coalesce(jsonb_agg(m.message order by m.anchor, m.part), '[]'::jsonb) into v_items
    from (
      select * from public.said s
      where s.vision_id = p_vision_id::uuid
        and (s.anchor, s.part) < (coalesce(p_before_anchor, 9223372036854775807), coalesce(p_before_part, 0))
      order by s.anchor desc, s.part desc limit v_limit + 1) m;
  return jsonb_build_object(
    'title', v_title, 'more', jsonb_array_length(v_items) > v_limit,
    'items', case when jsonb_array_length(v_items) > v_limit then v_items - 0 else v_items end);
end $$;

-- The same, from the beginning on, for the export.
create function public.read_dialogue(
  p_user_id text, p_vision_id text, p_after_anchor bigint, p_after_part int, p_limit int
) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v public.visions;
begin
  perform public._admit(p_user_id);
  select * into v from public.visions
    where id = p_vision_id::uuid and user_id = p_user_id and status <> 'deleted';
  if not found then perform public._fail('PT404', 'vision_not_found'); end if;
  return jsonb_build_object('title', v.title, 'created_at', v.created_at, 'status', v.status, 'items', (
    select coalesce(jsonb_agg(m.message order by m.anchor, m.part), '[]'::jsonb)
    from (
      select * from public.said s
      where s.vision_id = v.id and (s.anchor, s.part) > (p_after_anchor, p_after_part)
      order by s.anchor, s.part limit least(greatest(p_limit, 1), 200)) m));
end $$;

select public._close_door(
  array['visions', 'vision_messages', 'held_messages'],
  array['_lock_vision', '_own_vision', '_card', '_held_nowhere', '_store_message', '_send_held', 'create_vision',
        'rename_vision', 'activate_vision', 'get_vision', 'set_vision_status', 'freeze_current', 'send_held', 'list_visions',
        '_content', '_album_of', '_with_item', '_edited', '_edited_type', 'receive_message', 'edit_message', 'get_history',
        'read_dialogue']);
