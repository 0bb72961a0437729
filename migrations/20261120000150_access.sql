-- Who may come in, and as whom. Every function that a person's own act leads to begins with `_admit`,
-- every one that an admin's leads to with `_admin`; what workers call knows no levels.

-- What the operator has set, written by every process as it starts: one row. Of `limits` and `budget`
-- what is missing or 0 has no bound.
create table public.policy (
  id int primary key default 1 check (id = 1),
  mode text not null default 'open' check (mode in ('open', 'invite', 'list')),
  guest_messages int not null default 0,
  admin_telegram_ids bigint[] not null default '{}',
  limits jsonb not null default '{}',
  budget jsonb not null default '{}'
);
comment on column public.policy.guest_messages is 'How many messages a guest may send in all; none in the mode `list`';
comment on column public.policy.admin_telegram_ids is 'Admins by the settings: no admin in the chat can take their level away';
comment on column public.policy.limits is '{level: {tokens_per_day, messages_per_minute, messages_per_day}}';
comment on column public.policy.budget is '{tokens_per_day, usd_per_day}, of everybody together';
insert into public.policy default values;

create table public.admin_log (
  id bigint generated always as identity primary key,
  admin_id text not null,
  act text not null,
  user_id text,
  details jsonb not null default '{}',
  created_at timestamptz not null default now()
);
comment on column public.admin_log.admin_id is 'A user, or console:<name> for the command line; no reference: the log outlives them';
comment on column public.admin_log.details is 'Numbers and names of settings; never a person''s words';
create index admin_log_user_id on public.admin_log (user_id, id) where user_id is not null;

create function public.set_policy(p_policy jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.policy
    set mode = p_policy ->> 'mode', guest_messages = (p_policy ->> 'guest_messages')::int,
        admin_telegram_ids = array(select i::bigint from jsonb_array_elements_text(p_policy -> 'admin_telegram_ids') i),
        limits = p_policy -> 'limits', budget = p_policy -> 'budget'
    where id = 1;
  return '{}'::jsonb;
end $$;

-- `guest`, `member`, `admin` or `blocked`. Asked for each message, so in PL/pgSQL: before PostgreSQL 18 a
-- function in SQL is planned anew at each call.
create function public._level(u public.users) returns text
language plpgsql stable set search_path = '' as $$
declare
  p public.policy;
begin
  select * into p from public.policy;
  return case
    when exists (select from public.telegram_accounts a
                 where a.user_id = u.id and a.telegram_id = any (p.admin_telegram_ids)) then 'admin'
    when u.level is not null and (u.level <> 'guest' or p.mode <> 'open') then u.level
    when p.mode = 'open' then 'member'
    else 'guest' end;
end $$;

-- The person may act. Refuses with PT404 signed_out (the id stands for nobody any more), and PT403:
-- `blocked`, `leaving` (has asked to be forgotten), `not_admitted` (the bot is closed to those whom no
-- admin has let in).
create function public._admit(p_user_id text) returns public.users
language plpgsql stable set search_path = '' as $$
declare
  r record;
  u public.users;
  v_level text;
begin
  -- One statement for nearly everybody: it stands before each message.
  select p as person, policy.mode into r from public.users p, public.policy where p.id = p_user_id;
  if not found then perform public._fail('PT404', 'signed_out'); end if;
  u := r.person;
  if u.erase_at is not null then perform public._fail('PT403', 'leaving'); end if;
  if u.level = 'member' or r.mode = 'open' and u.level is distinct from 'blocked' then return u; end if;
  v_level := public._level(u);
  if v_level = 'blocked' then perform public._fail('PT403', 'blocked'); end if;
  if v_level = 'guest' and r.mode = 'list' then perform public._fail('PT403', 'not_admitted'); end if;
  return u;
end $$;

-- An admin, or the operator on the command line, whose id begins with `console:` as no user's does.
-- Anybody else: PT403 not_admin.
create function public._admin(p_admin_id text) returns void
language plpgsql stable set search_path = '' as $$
declare
  u public.users;
begin
  if p_admin_id like 'console:_%' then return; end if;
  select * into u from public.users where id = p_admin_id;
  if not found or u.erase_at is not null or public._level(u) <> 'admin' then
    perform public._fail('PT403', 'not_admin');
  end if;
end $$;

create function public._log_act(p_admin_id text, p_act text, p_user_id text, p_details jsonb) returns void
language sql set search_path = '' as $$
  insert into public.admin_log (admin_id, act, user_id, details)
    values (p_admin_id, p_act, p_user_id, coalesce(p_details, '{}'::jsonb))
$$;

-- A blocked person gets one word. `first` is true for the update that brings it, a repeat of it too.
create function public.tell_blocked(p_user_id text, p_source_key text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.users set blocked_told_by = p_source_key
    where id = p_user_id and coalesce(blocked_told_by, p_source_key) = p_source_key;
  return jsonb_build_object('first', found);
end $$;

select public._close_door(
  array['policy', 'admin_log'],
  array['set_policy', '_level', '_admit', '_admin', '_log_act', 'tell_blocked']);
