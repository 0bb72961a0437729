-- People of the operator's own system: a one-time link binds a Telegram account to their user there.

create table public.account_links (
  id bigint generated always as identity primary key,
  code_hash bytea not null unique,
  user_id text not null references public.users (id) on delete cascade,
  expires_at timestamptz not null,
  used_at timestamptz,
  created_at timestamptz not null default now()
);
comment on column public.account_links.code_hash is 'sha256 of the code, which itself is kept nowhere';
create index account_links_user_id on public.account_links (user_id);

-- Ids that were given up for another, so that a worker who still knows the old one counts and keeps
-- for the right person.
create table public.former_ids (
  old_id text primary key,
  user_id text not null references public.users (id) on delete cascade,
  moved_at timestamptz not null default now()
);
create index former_ids_user_id on public.former_ids (user_id);

-- The id that stands for this one today. For what workers call: a person's own act signs in first.
create function public._present_id(p_user_id text) returns text
language sql stable set search_path = '' as $$
  select coalesce((select f.user_id from public.former_ids f where f.old_id = p_user_id), p_user_id)
$$;

-- For the operator's backend: a link for its own user, who is made at the first call, as a member.
-- `code` is told this once; a link holds for `p_minutes` (1 to 10,080) and one Telegram account. Refuses
-- with PT409: bad_user_id (empty, longer than 128 characters, with control characters or spaces at an
-- end, console:…, or `erased`, the name of whoever is forgotten), bad_minutes, not_external (an id that the
-- bot gave), and PT403 blocked, leaving.
create function public.make_account_link(p_user_id text, p_minutes int) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_code text := public._new_code();
  u public.users;
  l public.account_links;
begin
  if p_user_id is null or char_length(p_user_id) not between 1 and 128 or p_user_id like 'console:%'
     or p_user_id = 'erased' or p_user_id ~ '[[:cntrl:]]' or p_user_id <> btrim(p_user_id) then
    perform public._fail('PT409', 'bad_user_id');
  end if;
  if p_minutes is null or p_minutes not between 1 and 10080 then perform public._fail('PT409', 'bad_minutes'); end if;
  if exists (select from public.former_ids where old_id = p_user_id) then perform public._fail('PT409', 'not_external'); end if;
  insert into public.users (id, external, level) values (p_user_id, true, 'member') on conflict (id) do nothing;
  select * into u from public.users where id = p_user_id for no key update;
  if not u.external then perform public._fail('PT409', 'not_external'); end if;
  if public._level(u) = 'blocked' then perform public._fail('PT403', 'blocked'); end if;
  if u.erase_at is not null then perform public._fail('PT403', 'leaving'); end if;
  delete from public.account_links where user_id = u.id and expires_at < now() - interval '7 days';
  insert into public.account_links (code_hash, user_id, expires_at)
    values (public._code_hash(v_code), u.id, now() + make_interval(mins => p_minutes)) returning * into l;
  return jsonb_build_object('code', v_code, 'expires_at', l.expires_at);
end $$;

-- The user that the code leads to, for a person who may take it. Null for one who has it already.
create function public._link_target(u public.users, l public.account_links) returns public.users
language plpgsql stable set search_path = '' as $$
declare
  t public.users;
begin
  if l.id is null then perform public._fail('PT404', 'link_unknown'); end if;
  if l.user_id = u.id then return null; end if;
  if u.external then perform public._fail('PT409', 'bound_elsewhere'); end if;
  if l.used_at is not null then perform public._fail('PT409', 'link_used'); end if;
  if l.expires_at <= clock_timestamp() then perform public._fail('PT409', 'link_expired'); end if;
  select * into t from public.users where id = l.user_id;
  if public._level(t) = 'blocked' or t.erase_at is not null then perform public._fail('PT409', 'link_closed'); end if;
  -- An admin by the settings is one Telegram account, but rights are the user's: whoever shares the user has them.
  if public._by_settings(u.id) <> public._by_settings(t.id)
     and exists (select from public.telegram_accounts where user_id = t.id) then
    perform public._fail('PT409', 'link_shared');
  end if;
  return t;
end $$;

-- What opening it would move. state: `ready`, or `bound` where this is the person's user already.
-- Refuses with PT404 link_unknown, PT409: link_used, link_expired, link_closed (that user is blocked or
-- leaves), bound_elsewhere (this Telegram account has another user of the operator's), link_shared (an admin
-- by the settings would share that user, and the rights, with a Telegram account that is none).
create function public.open_account_link(p_current_user_id text, p_code text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  u public.users := public._knock(p_current_user_id);
  l public.account_links;
  t public.users;
begin
  select * into l from public.account_links where code_hash = public._code_hash(p_code);
  t := public._link_target(u, l);
  if t.id is null then return jsonb_build_object('state', 'bound', 'visions', 0, 'messages', 0); end if;
  return jsonb_build_object(
    'state', 'ready',
    'visions', (select count(*) from public.visions v where v.user_id = u.id and v.status <> 'deleted'),
    'messages', (select coalesce(sum(v.messages), 0) from public.visions v where v.user_id = u.id and v.status <> 'deleted')
                + (select count(*) from public.held_messages h where h.user_id = u.id));
end $$;

-- Days on which somebody wrote, as bits from `p_last_day` back, seen from another day.
create function public._days_from(p_days bigint, p_last_day date, p_seen_from date) returns bigint
language sql immutable set search_path = '' as $$
  select case when p_seen_from - p_last_day < 62
    then (p_days << (p_seen_from - p_last_day)) & ((1::bigint << 62) - 1) else 0 end
$$;

-- Everything that is `p_from`'s becomes `p_to`'s; both are locked, and so are the visions. A new table
-- with people in it has its line here, and a test finds the one that has none.
create function public._move_person(p_from text, p_to text) returns void
language plpgsql set search_path = '' as $$
declare
  v_visions uuid[] := array(select id from public.visions where user_id = p_from);
  v_admin boolean := (select public._level(u) = 'admin' from public.users u where u.id = p_from);
begin
  update public.visions set user_id = p_to where user_id = p_from;
  update public.turn_queue set user_id = p_to where vision_id = any (v_visions);
  update public.deliveries d set user_id = p_to
    from public.vision_messages m where m.vision_id = any (v_visions) and d.message_id = m.id;
  update public.held_messages set user_id = p_to where user_id = p_from;
  update public.files set user_id = p_to where user_id = p_from;
  update public.notices set user_id = p_to where user_id = p_from;
  update public.notices set content = content || jsonb_build_object('user_id', p_to)
    where kind = 'feedback' and content ->> 'user_id' = p_from;
  update public.feedback set user_id = p_to where user_id = p_from;
  update public.feedback set admin_id = p_to where admin_id = p_from;
  update public.votes set user_id = p_to where user_id = p_from;
  insert into public.usage_days as d
      (user_id, day, messages, guest_messages, minute_at, minute_messages, calls, tokens, usd)
    select p_to, day, messages, guest_messages, minute_at, minute_messages, calls, tokens, usd
    from public.usage_days where user_id = p_from
    on conflict (user_id, day) do update
    set messages = d.messages + excluded.messages, guest_messages = d.guest_messages + excluded.guest_messages,
        calls = d.calls + excluded.calls, tokens = d.tokens + excluded.tokens, usd = d.usd + excluded.usd;
  delete from public.usage_days where user_id = p_from;
  update public.tokenscount set clientid = p_to where clientid = p_from;
  update public.telegram_accounts set user_id = p_to where user_id = p_from;
  update public.admin_log set user_id = p_to where user_id = p_from;
  insert into public.invite_uses (invite_id, user_id, source_key, used_at)
    select invite_id, p_to, source_key, used_at from public.invite_uses where user_id = p_from
    on conflict do nothing;
  insert into public.active_people as a (user_id, last_day, days)
    select p_to, last_day, days from public.active_people where user_id = p_from
    on conflict (user_id) do update
    set last_day = greatest(a.last_day, excluded.last_day),
        days = public._days_from(a.days, a.last_day, greatest(a.last_day, excluded.last_day))
               | public._days_from(excluded.days, excluded.last_day, greatest(a.last_day, excluded.last_day));
  update public.broadcast_recipients r set user_id = p_to
    where r.broadcast_id in (select id from public.broadcasts) and r.user_id = p_from
      and not exists (select from public.broadcast_recipients o
                      where o.broadcast_id = r.broadcast_id and o.user_id = p_to);
  delete from public.broadcast_recipients
    where broadcast_id in (select id from public.broadcasts) and user_id = p_from;
  -- An export that is being made begins anew, with what has come to it; one is enough.
  delete from public.exports
    where user_id = p_from and finished_at is null
      and exists (select from public.exports o where o.user_id = p_to and o.finished_at is null);
  update public.exports
    set user_id = p_to, place = case when finished_at is not null then place end,
        lease = null, run_at = case when finished_at is not null then run_at else now() end
    where user_id = p_from;
  if v_admin then
    update public.broadcasts set admin_id = p_to where admin_id = p_from;
    update public.admin_log set admin_id = p_to where admin_id = p_from;
    update public.invites set made_by = p_to where made_by = p_from;
  end if;
end $$;

-- After the person's yes: their Telegram account is that user's from now on, with all they have
-- written; the user they were goes. What they have chosen fills what is not chosen there, their
-- bounds stay theirs. state: `bound`, for a repeat as well. Refuses as `open_account_link` does.
create function public.accept_account_link(p_current_user_id text, p_code text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  u public.users;
  t public.users;
  l public.account_links;
  v_alone boolean;
begin
  perform from public.visions where user_id = p_current_user_id order by id for update;
  perform from public.users
    where id = p_current_user_id
       or id = (select k.user_id from public.account_links k where k.code_hash = public._code_hash(p_code))
    order by id for update;
  u := public._knock(p_current_user_id);
  select * into l from public.account_links where code_hash = public._code_hash(p_code) for update;
  t := public._link_target(u, l);
  if t.id is null then return jsonb_build_object('state', 'bound', 'user_id', u.id); end if;
  -- Those that came before the person was locked.
  perform from public.visions where user_id = u.id order by id for update;
  perform from public.turn_queue q join public.visions v on v.id = q.vision_id
    where v.user_id = u.id order by q.vision_id for update of q;
  v_alone := not exists (select from public.telegram_accounts where user_id = t.id);
  perform public._move_person(u.id, t.id);
  update public.users
    set language = coalesce(t.language, u.language), timezone = coalesce(t.timezone, u.timezone),
        voice = case when v_alone then u.voice else t.voice end,
        active_vision_id = coalesce(t.active_vision_id, u.active_vision_id),
        level = case when u.level = 'admin' and v_alone then 'admin' else t.level end,
        limits = u.limits || t.limits, meta = u.meta || t.meta,
        created_at = least(t.created_at, u.created_at), updated_at = now()
    where id = t.id;
  delete from public.users where id = u.id;
  delete from public.former_ids where moved_at < now() - interval '7 days';
  insert into public.former_ids (old_id, user_id) values (u.id, t.id);
  update public.account_links set used_at = now() where id = l.id;
  return jsonb_build_object('state', 'bound', 'user_id', t.id);
end $$;

select public._close_door(
  array['account_links', 'former_ids'],
  array['_present_id', 'make_account_link', '_link_target', 'open_account_link', '_days_from', '_move_person', 'accept_account_link']);
