-- Invites: links made by admins that make members of those who open them.

create table public.invites (
  id bigint generated always as identity primary key,
  code_hash bytea not null unique,
  note text not null default '' check (char_length(note) <= 200),
  uses int not null check (uses between 1 and 10000),
  used int not null default 0 check (used between 0 and uses),
  made_by text not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  created_at timestamptz not null default now()
);
comment on column public.invites.code_hash is 'sha256 of the code, which itself is kept nowhere';
comment on column public.invites.made_by is 'A user, or console:<name>; no reference: the invite outlives them';
create index invites_made_by on public.invites (made_by);

create table public.invite_uses (
  invite_id bigint not null references public.invites (id) on delete cascade,
  user_id text not null references public.users (id) on delete cascade,
  source_key text not null,
  used_at timestamptz not null default now(),
  primary key (invite_id, user_id)
);
create index invite_uses_user_id on public.invite_uses (user_id);

-- 144 random bits that fit a link as they are.
create function public._new_code() returns text
language sql volatile set search_path = '' as $$
  select translate(encode(substring(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
                                    for 18), 'base64'), '+/', '-_')
$$;

create function public._code_hash(p_code text) returns bytea
language sql immutable set search_path = '' as $$
  select sha256(convert_to(left(p_code, 200), 'UTF8'))
$$;

-- The person may use what opens the bot to them: as `_admit`, but for newcomers to a closed one as
-- well. Locked, so that two of their updates come one after the other.
create function public._knock(p_user_id text) returns public.users
language plpgsql set search_path = '' as $$
declare
  u public.users;
begin
  select * into u from public.users where id = p_user_id for no key update;
  if not found then perform public._fail('PT404', 'signed_out'); end if;
  if public._level(u) = 'blocked' then perform public._fail('PT403', 'blocked'); end if;
  if u.erase_at is not null then perform public._fail('PT403', 'leaving'); end if;
  return u;
end $$;

create function public._invite(i public.invites) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'invite_id', i.id, 'note', i.note, 'uses', i.uses, 'used', i.used, 'expires_at', i.expires_at,
    'created_at', i.created_at, 'revoked', i.revoked_at is not null)
$$;

-- The code is told this once and never again; called twice, it makes two invites. Refuses with
-- PT409 invite_bounds: 1 to 10,000 uses within 1 to 8,784 hours.
create function public.make_invite(p_admin_id text, p_uses int, p_hours int, p_note text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_code text := public._new_code();
  i public.invites;
begin
  perform public._admin(p_admin_id);
  if p_uses is null or p_uses not between 1 and 10000 or p_hours is null or p_hours not between 1 and 8784 then
    perform public._fail('PT409', 'invite_bounds');
  end if;
  insert into public.invites (code_hash, note, uses, made_by, expires_at)
    values (public._code_hash(v_code), left(btrim(coalesce(p_note, '')), 200), p_uses, p_admin_id,
            now() + make_interval(hours => p_hours))
    returning * into i;
  perform public._log_act(p_admin_id, 'make_invite', null,
    jsonb_build_object('invite_id', i.id, 'uses', p_uses, 'hours', p_hours));
  return public._invite(i) || jsonb_build_object('code', v_code);
end $$;

-- The newest first.
create function public.list_invites(p_admin_id text, p_offset int, p_limit int) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  perform public._admin(p_admin_id);
  return (
    with page as (
      select * from public.invites order by id desc
      offset greatest(p_offset, 0) limit least(greatest(p_limit, 1), 100)
    )
    select jsonb_build_object(
      'total', (select count(*) from public.invites),
      'items', (select coalesce(jsonb_agg(public._invite(p) order by p.id desc), '[]'::jsonb) from page p)));
end $$;

-- Whoever came by it stays.
create function public.revoke_invite(p_admin_id text, p_invite_id bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  i public.invites;
begin
  perform public._admin(p_admin_id);
  update public.invites set revoked_at = now() where id = p_invite_id and revoked_at is null returning * into i;
  if found then
    perform public._log_act(p_admin_id, 'revoke_invite', null, jsonb_build_object('invite_id', i.id));
  else
    select * into i from public.invites where id = p_invite_id;
    if not found then perform public._fail('PT404', 'invite_not_found'); end if;
  end if;
  return public._invite(i);
end $$;

-- state: `welcome` (a member from now on, also where the mode lets everybody in), for a repeat of the
-- update too, or `already_member`. Refuses with PT404 invite_unknown, PT409: invite_revoked,
-- invite_expired, invite_used_up, invite_used_before (by this person, whom an admin has made a guest
-- again since).
create function public.use_invite(p_user_id text, p_code text, p_source_key text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  u public.users := public._knock(p_user_id);
  i public.invites;
  v_used_by text;
begin
  select * into i from public.invites where code_hash = public._code_hash(p_code);
  select source_key into v_used_by from public.invite_uses where invite_id = i.id and user_id = u.id;
  if v_used_by = p_source_key then return jsonb_build_object('state', 'welcome'); end if;
  if u.level = 'member' or public._level(u) = 'admin' then return jsonb_build_object('state', 'already_member'); end if;
  if i.id is null then perform public._fail('PT404', 'invite_unknown'); end if;
  if v_used_by is not null then perform public._fail('PT409', 'invite_used_before'); end if;
  -- Waits for whoever takes a place at this moment, and sees what they have left.
  update public.invites set used = used + 1
    where id = i.id and used < uses and revoked_at is null and expires_at > clock_timestamp();
  if not found then
    select * into i from public.invites where id = i.id;
    perform public._fail('PT409', case
      when i.revoked_at is not null then 'invite_revoked'
      when i.expires_at <= clock_timestamp() then 'invite_expired'
      else 'invite_used_up' end);
  end if;
  insert into public.invite_uses (invite_id, user_id, source_key) values (i.id, u.id, p_source_key);
  update public.users set level = 'member', updated_at = now() where id = u.id;
  return jsonb_build_object('state', 'welcome');
end $$;

-- How many messages a guest has left, null for who is none; and what waits because they had none left:
-- `held` is {vision_id, frozen, count}, where most of it waits.
create function public.get_taste(p_user_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  u public.users := public._admit(p_user_id);
begin
  return jsonb_build_object(
    'left', case when public._level(u) = 'guest' then (
      select greatest(p.guest_messages - public._guest_messages(u.id), 0) from public.policy p) end,
    'held', (
      select jsonb_build_object('vision_id', v.id, 'frozen', v.status = 'frozen', 'count', count(*))
      from public.held_messages h left join public.visions v on v.id = h.vision_id
      where h.user_id = u.id and h.limited is not null and v.status is distinct from 'deleted'
      group by v.id, v.status order by count(*) desc limit 1));
end $$;

-- A newcomer to a closed bot is told so once in `p_pause_seconds`; `first` is true for the update
-- that brings the word, a repeat of it too.
create function public.tell_closed(p_user_id text, p_source_key text, p_pause_seconds int) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.users
    set meta = meta || jsonb_build_object('closed_told', jsonb_build_object('by', p_source_key, 'at', now()))
    where id = p_user_id
      and (meta -> 'closed_told' is null or meta -> 'closed_told' ->> 'by' = p_source_key
           or (meta -> 'closed_told' ->> 'at')::timestamptz <= now() - make_interval(secs => p_pause_seconds));
  return jsonb_build_object('first', found);
end $$;

select public._close_door(
  array['invites', 'invite_uses'],
  array['_new_code', '_code_hash', '_knock', '_invite', 'make_invite', 'list_invites', 'revoke_invite', 'use_invite',
        'get_taste', 'tell_closed']);
