-- People, the Telegram accounts they come from, and the door that every later migration closes.

-- Domain errors: PT403 not allowed, PT404 not found, PT409 wrong state, PT410 deleted, PT423 lease lost.
-- PTnnn passes PostgREST as HTTP nnn and psycopg as SQLSTATE, so both transports see the same thing.
create function public._fail(p_code text, p_name text) returns void
language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = p_code, message = p_name;
end $$;

-- Takes every right on the named tables and functions away from everybody but service_role, who
-- may run the functions that don't begin with an underscore, and nothing else. Names are given,
-- never guessed: the schema `public` of an operator may hold things that are not ours (a function
-- that shares its name with one of ours is closed along with it).
create function public._close_door(p_tables text[], p_functions text[]) returns void
language plpgsql set search_path = '' as $$
declare
  v_name text;
  v_sequence regclass;
  v_function record;
begin
  foreach v_name in array p_tables loop
    execute format('alter table public.%I enable row level security', v_name);
    execute format('revoke all on table public.%I from public, anon, authenticated, service_role', v_name);
    for v_sequence in
      select d.objid::regclass from pg_catalog.pg_depend d
      join pg_catalog.pg_class c on c.oid = d.objid and c.relkind = 'S'
      where d.refobjid = format('public.%I', v_name)::regclass and d.deptype in ('a', 'i')
    loop
      execute format('revoke all on sequence %s from public, anon, authenticated, service_role', v_sequence);
    end loop;
  end loop;
  for v_function in
    select p.oid::regprocedure as signature, p.proname from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname = any (p_functions)
  loop
    execute format('revoke all on function %s from public, anon, authenticated, service_role',
                   v_function.signature);
    if left(v_function.proname, 1) <> '_' then
      execute format('grant execute on function %s to service_role', v_function.signature);
    end if;
  end loop;
  notify pgrst, 'reload schema';
end $$;

create table public.users (
  id text primary key default gen_random_uuid()::text,
  language text check (language in ('ru', 'en')),
  timezone text,
  active_vision_id uuid,
  voice text not null default 'when_i_speak' check (voice in ('off', 'when_i_speak', 'always')),
  level text check (level in ('guest', 'member', 'admin', 'blocked')),
  blocked_told_by text,
  limits jsonb not null default '{}',
  external boolean not null default false,
  erase_at timestamptz,
  -- A question put to the person, whose answer is their next text:
  -- {"about": …, "subject": …, "expires_at": …, "answered_by": source key}
  asked jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  meta jsonb not null default '{}',
  check (id not like 'console:%' and id <> 'erased')
);
comment on column public.users.level is 'Given by an admin or an invite; null means what the access mode makes of a newcomer';
comment on column public.users.blocked_told_by is 'The update that was answered with the one word a blocked person gets';
comment on column public.users.limits is 'This person''s own, in place of their level''s: {tokens_per_day, messages_per_minute, messages_per_day}';
comment on column public.users.external is 'The id was given by the operator''s own system';
comment on column public.users.erase_at is 'The person has asked to be forgotten, and may change their mind until then';
comment on column public.users.language is 'Chosen by the person; null means that of the account';
comment on column public.users.voice is 'When answers are also spoken, where the operator has set a voice up';
comment on column public.users.timezone is 'IANA name or a fixed offset such as +05:30; null means not told';

create table public.telegram_accounts (
  telegram_id bigint primary key,
  user_id text not null references public.users (id) on delete cascade,
  first_name text not null default '',
  last_name text not null default '',
  username text not null default '',
  language_code text not null default '',
  reachable boolean not null default true,
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now()
);
create index telegram_accounts_user_id on public.telegram_accounts (user_id);

-- Russian unless the person's Telegram speaks English or they chose otherwise.
create function public._language(p_chosen text, p_language_code text) returns text
language sql immutable set search_path = '' as $$
  select coalesce(p_chosen, case when p_language_code like 'en%' then 'en' else 'ru' end)
$$;

-- The question still waiting for its answer, as seen by the update `p_source_key`. The update that
-- has answered it sees it again, so that a redelivered update takes the same way.
create function public._asked(p_asked jsonb, p_source_key text) returns jsonb
language sql stable set search_path = '' as $$
  select p_asked - 'answered_by' - 'expires_at'
  where (p_asked ->> 'expires_at')::timestamptz > now()
    and coalesce(p_asked ->> 'answered_by', p_source_key) = p_source_key
$$;

-- Who is this? Creates the person on first sight, keeps the profile fresh, and if they could not be
-- reached before, whatever waits for them is sent again.
create function public.sign_in(p_telegram_id bigint, p_profile jsonb, p_source_key text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  a public.telegram_accounts;
  u public.users;
  v_new boolean := false;
  v_first text := left(coalesce(p_profile ->> 'first_name', ''), 64);
  v_last text := left(coalesce(p_profile ->> 'last_name', ''), 64);
  v_username text := left(coalesce(p_profile ->> 'username', ''), 64);
  v_code text := left(lower(coalesce(p_profile ->> 'language_code', '')), 16);
  v_level text;
begin
  select * into a from public.telegram_accounts where telegram_id = p_telegram_id;
  if not found then
    perform pg_catalog.pg_advisory_xact_lock(hashtextextended('sign_in', p_telegram_id));
    select * into a from public.telegram_accounts where telegram_id = p_telegram_id;
    if not found then
      insert into public.users default values returning * into u;
      insert into public.telegram_accounts (telegram_id, user_id, first_name, last_name, username, language_code)
        values (p_telegram_id, u.id, v_first, v_last, v_username, v_code) returning * into a;
      v_new := true;
    end if;
  end if;
  if v_code = '' then
    -- Some updates (Stop, for one) say nothing of the language.
    v_code := a.language_code;
  end if;
  if not v_new then
    if not a.reachable then
      update public.deliveries d
        set failed_at = null, failure = null,
            run_at = case when v.status = 'deleted' or l.erase_at is not null then 'infinity' else now() end
        from public.visions v join public.users l on l.id = v.user_id
        where d.user_id = a.user_id and d.failure = 'blocked' and d.delivered_at is null and v.id = d.vision_id;
      perform public._send_notices_again(a.user_id, 'blocked');
    end if;
    if (a.first_name, a.last_name, a.username, a.language_code) is distinct from (v_first, v_last, v_username, v_code)
       or not a.reachable or a.seen_at < now() - interval '10 minutes' then
      update public.telegram_accounts
        set first_name = v_first, last_name = v_last, username = v_username, language_code = v_code,
            reachable = true, seen_at = now()
        where telegram_id = p_telegram_id;
    end if;
    select * into u from public.users where id = a.user_id;
    -- Bound to another user in this moment: the next call sees it.
    if not found then perform public._fail('PT404', 'signed_out'); end if;
  end if;
  v_level := public._level(u);
  return jsonb_build_object(
    'user_id', u.id, 'new', v_new, 'name', v_first, 'language', public._language(u.language, v_code),
    'timezone', u.timezone, 'active_vision_id', u.active_vision_id, 'voice', u.voice,
    'level', v_level, 'admitted', v_level <> 'guest' or (select p.mode <> 'list' from public.policy p),
    'erase_at', u.erase_at,
    'asked', public._asked(u.asked, p_source_key));
end $$;

-- Telegram says that the person blocked the bot or is gone.
create function public.set_unreachable(p_telegram_id bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.telegram_accounts set reachable = false where telegram_id = p_telegram_id and reachable;
  return '{}'::jsonb;
end $$;

create function public.set_language(p_user_id text, p_language text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform public._admit(p_user_id);
  update public.users set language = p_language, updated_at = now() where id = p_user_id;
  return jsonb_build_object('language', p_language);
end $$;

-- `p_timezone` has been checked by the caller: IANA name or ±HH:MM.
create function public.set_timezone(p_user_id text, p_timezone text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform public._admit(p_user_id);
  update public.users set timezone = left(p_timezone, 64), updated_at = now() where id = p_user_id;
  return jsonb_build_object('timezone', p_timezone);
end $$;

create function public.set_voice(p_user_id text, p_voice text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform public._admit(p_user_id);
  update public.users set voice = p_voice, updated_at = now() where id = p_user_id;
  return jsonb_build_object('voice', p_voice);
end $$;

-- Put a question (about ≠ null) or take it back (about = null). Questions live `p_minutes`. `p_subject` is
-- whatever the answer is to be used for, such as a vision.
create function public.ask(p_user_id text, p_about text, p_subject text, p_minutes int) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform public._admit(p_user_id);
  update public.users
    set asked = case when p_about is not null then jsonb_build_object(
          'about', p_about, 'subject', p_subject, 'expires_at', now() + make_interval(mins => p_minutes)) end
    where id = p_user_id and (p_about is not null or asked is not null);
  return '{}'::jsonb;
end $$;

-- This update answers the question: other updates won't see it any more.
create function public.answer_asked(p_user_id text, p_source_key text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform public._admit(p_user_id);
  update public.users set asked = asked || jsonb_build_object('answered_by', p_source_key)
    where id = p_user_id and asked is not null;
  return '{}'::jsonb;
end $$;

select public._close_door(
  array['users', 'telegram_accounts'],
  array['_fail', '_close_door', '_language', '_asked', 'sign_in', 'set_unreachable', 'set_language',
        'set_timezone', 'set_voice', 'ask', 'answer_asked']);
