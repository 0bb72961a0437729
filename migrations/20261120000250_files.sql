-- Files of people: what they sent, what was made for them. The bytes are in the file store under
-- `storage_path`, `<vision>/<sha256>`: the same bytes in one vision are kept
-- once, under as many names as they have.

create table public.files (
  id uuid primary key default gen_random_uuid(),
  user_id text not null references public.users (id) on delete cascade,
  vision_id uuid references public.visions (id) on delete set null,
  storage_path text not null,
  mime text not null,
  size bigint not null check (size >= 0),
  created_at timestamptz not null default now(),
  meta jsonb not null default '{}'
);
comment on column public.files.meta is '{kind, name, seconds, made: for the person, telegram_id: by which Telegram knows it}';
create unique index files_storage_path on public.files (storage_path, (coalesce(meta ->> 'name', '')));
create index files_vision_id on public.files (vision_id, created_at);
create index files_user_id on public.files (user_id);

create function public._file(f public.files) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'file_id', f.id, 'path', f.storage_path, 'mime', f.mime, 'size', f.size, 'created_at', f.created_at,
    'kind', coalesce(f.meta ->> 'kind', 'document'), 'name', coalesce(f.meta ->> 'name', ''),
    'seconds', f.meta -> 'seconds', 'made', coalesce((f.meta ->> 'made')::boolean, false),
    'telegram_id', f.meta ->> 'telegram_id')
$$;

-- `p_file` is {path, mime, size, meta}.
create function public._add_file(v public.visions, p_file jsonb) returns uuid
language plpgsql set search_path = '' as $$
declare
  v_id uuid;
begin
  insert into public.files (user_id, vision_id, storage_path, mime, size, meta)
    values (v.user_id, v.id, p_file ->> 'path', p_file ->> 'mime', (p_file ->> 'size')::bigint,
            coalesce(p_file -> 'meta', '{}'::jsonb))
    on conflict (storage_path, (coalesce(meta ->> 'name', ''))) do nothing returning id into v_id;
  if v_id is null then
    select id into v_id from public.files
      where storage_path = p_file ->> 'path' and coalesce(meta ->> 'name', '') = coalesce(p_file -> 'meta' ->> 'name', '')
        and user_id = v.user_id;
    if not found then perform public._fail('PT403', 'not_owner'); end if;
  end if;
  return v_id;
end $$;

-- The person's own message with its vision locked. The file in it must still be the one that was
-- read: an edit may have put another in its place.
create function public._own_message(p_user_id text, p_message_id bigint) returns public.vision_messages
language plpgsql set search_path = '' as $$
declare
  m public.vision_messages;
begin
  select * into m from public.vision_messages where id = p_message_id;
  if not found then perform public._fail('PT404', 'message_not_found'); end if;
  perform public._lock_vision(public._present_id(p_user_id), m.vision_id);
  select * into m from public.vision_messages where id = p_message_id for update;
  return m;
end $$;

-- A file that the person sent is in the store now.
create function public.keep_file(
  p_user_id text, p_message_id bigint, p_index int, p_unique_id text, p_file jsonb
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  m public.vision_messages := public._own_message(p_user_id, p_message_id);
  v public.visions;
  v_id uuid;
begin
  if m.payload -> 'files' -> p_index ->> 'unique_id' is distinct from p_unique_id then
    perform public._fail('PT409', 'file_changed');
  end if;
  select * into v from public.visions where id = m.vision_id;
  v_id := public._add_file(v, p_file);
  update public.vision_messages
    set payload = jsonb_set(payload, array['files', p_index::text, 'file_id'], to_jsonb(v_id))
    where id = m.id;
  return jsonb_build_object('file_id', v_id);
end $$;

-- What was heard or read in a file, once and for all: a second reading changes nothing. `p_said`
-- takes the place of what was said of the file, null adds `p_why` to it instead. `p_notice` is
-- {"payload": …, "content": …}: what the person is told at once, leased to the caller, who is known
-- by the lease of the turn.
create function public.save_reading(
  p_user_id text, p_message_id bigint, p_index int, p_unique_id text, p_state text, p_said text, p_why text,
  p_notice jsonb, p_lease text, p_thread_id bigint, p_deliver_seconds int
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  m public.vision_messages := public._own_message(p_user_id, p_message_id);
  v public.visions;
  v_file jsonb := m.payload -> 'files' -> p_index;
  v_payload jsonb;
  v_turn text := 'reading:' || p_lease || ':' || m.id || ':' || p_index;
  v_id bigint;
begin
  if v_file ->> 'unique_id' is distinct from p_unique_id then perform public._fail('PT409', 'file_changed'); end if;
  if v_file ? 'state' then
    return jsonb_build_object('deliveries', public._leased_deliveries(v_turn, m.vision_id, m.id));
  end if;
  v_file := v_file || jsonb_build_object(
    'state', p_state, 'said', coalesce(p_said, concat_ws(' ', v_file ->> 'said', p_why)));
  v_payload := jsonb_set(m.payload, array['files', p_index::text], v_file);
  update public.vision_messages set payload = v_payload, content = public._content('', v_payload) where id = m.id;
  select * into v from public.visions where id = m.vision_id;
  if p_notice is null or v.status = 'deleted' then
    return jsonb_build_object('deliveries', '[]'::jsonb);
  end if;
  v_id := nextval('public.vision_messages_id_seq');
  insert into public.vision_messages (id, vision_id, anchor, sender, type, content, payload, turn)
    values (v_id, v.id, v_id, 'system', 'info', p_notice ->> 'content', p_notice -> 'payload', v_turn);
  perform public._add_delivery(v_id, v, v_turn, p_thread_id, p_deliver_seconds);
  return jsonb_build_object('deliveries', public._leased_deliveries(v_turn, v.id, v_id));
end $$;

-- A reading came to nothing for now; says how often that has been so.
create function public.fail_reading(p_user_id text, p_message_id bigint, p_index int, p_unique_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  m public.vision_messages := public._own_message(p_user_id, p_message_id);
  v_file jsonb := m.payload -> 'files' -> p_index;
  v_failures int := coalesce((v_file ->> 'failures')::int, 0) + 1;
begin
  if v_file ->> 'unique_id' is distinct from p_unique_id then perform public._fail('PT409', 'file_changed'); end if;
  update public.vision_messages
    set payload = jsonb_set(payload, array['files', p_index::text, 'failures'], to_jsonb(v_failures))
    where id = m.id;
  return jsonb_build_object('failures', v_failures);
end $$;

-- Files of a vision, the newest first; recordings are part of the dialogue and not listed.
create function public.list_files(p_user_id text, p_vision_id text, p_offset int, p_limit int) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_title text;
begin
  perform public._admit(p_user_id);
  select title into v_title from public.visions
    where id = p_vision_id::uuid and user_id = p_user_id and status <> 'deleted';
  if not found then perform public._fail('PT404', 'vision_not_found'); end if;
  return (
    with listed as (
      select f.* from public.files f
      where f.vision_id = p_vision_id::uuid and f.user_id = p_user_id
        and coalesce(f.meta ->> 'kind', '') not in ('voice', 'video_note')
    ), page as (
      select * from listed order by created_at desc, id
      offset greatest(p_offset, 0) limit least(greatest(p_limit, 1), 100)
    )
    select jsonb_build_object(
      'title', v_title, 'total', (select count(*) from listed),
      'items', (select coalesce(jsonb_agg(public._file(p) order by p.created_at desc, p.id), '[]'::jsonb) from page p)));
end $$;

create function public.get_file(p_user_id text, p_file_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  f public.files;
begin
  perform public._admit(p_user_id);
  select * into f from public.files where id = p_file_id::uuid and user_id = p_user_id;
  if not found or exists (select from public.visions v where v.id = f.vision_id and v.status = 'deleted') then
    perform public._fail('PT404', 'file_not_found');
  end if;
  return public._file(f);
end $$;

-- File number `p_index` of a message of the person, kept by us or by Telegram alone; for other
-- messages the file they brought.
create function public.get_message_file(p_user_id text, p_message_id bigint, p_index int) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  m public.vision_messages;
  v_file jsonb;
begin
  perform public._admit(p_user_id);
  select s.* into m from public.vision_messages s join public.visions v on v.id = s.vision_id
    where s.id = p_message_id and v.user_id = p_user_id and v.status <> 'deleted';
  if not found then perform public._fail('PT404', 'message_not_found'); end if;
  v_file := case when m.sender = 'user' then m.payload -> 'files' -> p_index else m.payload end;
  if v_file ->> 'file_id' is not null then
    return public.get_file(p_user_id, v_file ->> 'file_id')
      || case when m.sender = 'user' then jsonb_build_object(
           'kind', v_file -> 'kind', 'name', v_file -> 'name', 'telegram_id', v_file -> 'telegram_id')
         else '{}'::jsonb end;
  end if;
  if v_file ->> 'telegram_id' is null then perform public._fail('PT404', 'file_not_found'); end if;
  return jsonb_build_object(
    'file_id', null, 'path', null, 'kind', v_file -> 'kind', 'name', v_file -> 'name', 'mime', v_file -> 'mime',
    'size', v_file -> 'size', 'seconds', v_file -> 'seconds', 'telegram_id', v_file -> 'telegram_id');
end $$;

-- For the turn that reads it.
create function public.get_kept_file(p_vision_id text, p_file_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  f public.files;
begin
  select * into f from public.files where id = p_file_id::uuid and vision_id = p_vision_id::uuid;
  if not found then perform public._fail('PT404', 'file_not_found'); end if;
  return public._file(f);
end $$;

-- Telegram has the file and knows it by this id.
create function public.file_uploaded(p_user_id text, p_file_id text, p_telegram_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.files set meta = meta || jsonb_build_object('telegram_id', p_telegram_id)
    where id = p_file_id::uuid and user_id = public._present_id(p_user_id);
  if not found then perform public._fail('PT404', 'file_not_found'); end if;
  return '{}'::jsonb;
end $$;

-- Of these paths in the store, the ones that no file has: left behind by a process that was killed.
create function public.unknown_files(p_paths text[]) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('paths', coalesce(jsonb_agg(p), '[]'::jsonb))
  from unnest(p_paths) p
  where not exists (select from public.files f where f.storage_path = p)
$$;

select public._close_door(
  array['files'],
  array['_file', '_add_file', '_own_message', 'keep_file', 'save_reading', 'fail_reading', 'list_files', 'get_file',
        'get_message_file', 'get_kept_file', 'file_uploaded', 'unknown_files']);
