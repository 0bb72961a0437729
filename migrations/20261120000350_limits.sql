-- Limits: how much a person may say and the model may spend, for each day of UTC; and what is used.

create table public.usage_days (
  user_id text not null,
  day date not null,
  messages int not null default 0,
  guest_messages int not null default 0,
  minute_at timestamptz,
  minute_messages int not null default 0,
  calls int not null default 0,
  tokens bigint not null default 0,
  usd numeric not null default 0,
  told_for text,
  told_by text,
  told_at timestamptz,
  primary key (user_id, day)
);
comment on table public.usage_days is 'One row for a person and a day that they said something on, or the model did for them';
comment on column public.usage_days.user_id is 'No reference: the doctor and whoever is forgotten have counted as well';
comment on column public.usage_days.guest_messages is 'Those of `messages` that were said as a guest';
comment on column public.usage_days.minute_at is 'When the minute began that `minute_messages` counts';
comment on column public.usage_days.usd is 'Of calls whose model has a price';
comment on column public.usage_days.told_for is 'The limit that the person was told of last: its reason and its end';
comment on column public.usage_days.told_by is 'The update that was answered with it';

-- All calls of a day. In several rows, so that calls that end at one moment don't wait for each other.
create table public.usage_totals (
  day date not null,
  shard smallint not null,
  calls bigint not null default 0,
  tokens bigint not null default 0,
  usd numeric not null default 0,
  primary key (day, shard)
);

create function public._count_call(p_user_id text, p_tokens int, p_usd numeric) returns void
language plpgsql set search_path = '' as $$
declare
  v_day date := (now() at time zone 'utc')::date;
  v_tokens int := greatest(coalesce(p_tokens, 0), 0);
  v_usd numeric := greatest(coalesce(p_usd, 0), 0);
begin
  if p_user_id is not null then
    insert into public.usage_days as d (user_id, day, calls, tokens, usd) values (p_user_id, v_day, 1, v_tokens, v_usd)
      on conflict (user_id, day) do update
      set calls = d.calls + 1, tokens = d.tokens + excluded.tokens, usd = d.usd + excluded.usd;
  end if;
  insert into public.usage_totals as t (day, shard, calls, tokens, usd)
    values (v_day, pg_catalog.pg_backend_pid() % 16, 1, v_tokens, v_usd)
    on conflict (day, shard) do update
    set calls = t.calls + 1, tokens = t.tokens + excluded.tokens, usd = t.usd + excluded.usd;
end $$;

-- What everybody together has used today, and of what: `share` is that of the bound that is nearest,
-- null where there is none.
create function public.budget_state() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'tokens', t.tokens, 'usd', t.usd, 'tokens_bound', b.tokens, 'usd_bound', b.usd, 'day', t.day,
    'until', (t.day + 1)::timestamp at time zone 'utc',
    'share', greatest(t.tokens / b.tokens, t.usd / b.usd))
  from (
    select (now() at time zone 'utc')::date as day, coalesce(sum(s.tokens), 0) as tokens, coalesce(sum(s.usd), 0) as usd
    from public.usage_totals s where s.day = (now() at time zone 'utc')::date) t,
  lateral (
    select nullif((p.budget ->> 'tokens_per_day')::numeric, 0) as tokens, nullif((p.budget ->> 'usd_per_day')::numeric, 0) as usd
    from public.policy p) b
$$;

create function public._budget_spent() returns boolean
language plpgsql stable set search_path = '' as $$
declare
  v_bound boolean;
begin
  select (p.budget ->> 'tokens_per_day')::numeric > 0 or (p.budget ->> 'usd_per_day')::numeric > 0 into v_bound
    from public.policy p;
  return coalesce(v_bound, false) and (public.budget_state() ->> 'share')::numeric >= 1;
end $$;

-- {tokens_per_day, messages_per_minute, messages_per_day}: the person's own come before their level's.
-- What is missing or 0 has no bound. `guest_messages` is there for a guest alone, and 0 is 0.
create function public._bounds(u public.users) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_level text := public._level(u);
  p public.policy;
begin
  select * into p from public.policy;
  return coalesce(p.limits -> v_level, '{}'::jsonb) || u.limits
    || case when v_level = 'guest' then jsonb_build_object('guest_messages', p.guest_messages) else '{}'::jsonb end;
end $$;

create function public._guest_messages(p_user_id text) returns int
language sql stable set search_path = '' as $$
  select coalesce(sum(guest_messages), 0)::int from public.usage_days where user_id = p_user_id
$$;

-- How many of `p_count` messages may be taken now, {"room": n}; where it is not all of them, also what
-- stands against the rest: `reason` (`guest`, `budget`, `tokens`, `day` or `minute`; of several that which
-- lasts longest) and `until`, null for a guest. In the count for the minute all of them are one.
create function public._room(u public.users, p_bounds jsonb, p_count int) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_day date := (now() at time zone 'utc')::date;
  v_ends timestamptz := (v_day + 1)::timestamp at time zone 'utc';
  v_tokens bigint := nullif((p_bounds ->> 'tokens_per_day')::bigint, 0);
  v_per_day int := nullif((p_bounds ->> 'messages_per_day')::int, 0);
  v_per_minute int := nullif((p_bounds ->> 'messages_per_minute')::int, 0);
  v_room int := p_count;
  v_against jsonb := '{}';
  d public.usage_days;
begin
  select * into d from public.usage_days where user_id = u.id and day = v_day;
  if d.minute_messages >= v_per_minute and d.minute_at > now() - interval '1 minute' then
    v_room := 0;
    v_against := jsonb_build_object('reason', 'minute', 'until', d.minute_at + interval '1 minute');
  end if;
  if coalesce(d.messages, 0) + p_count > v_per_day then
    v_room := least(v_room, greatest(v_per_day - coalesce(d.messages, 0), 0));
    v_against := jsonb_build_object('reason', 'day', 'until', v_ends);
  end if;
  if d.tokens >= v_tokens then
    v_room := 0;
    v_against := jsonb_build_object('reason', 'tokens', 'until', v_ends);
  end if;
  if public._budget_spent() then
    v_room := 0;
    v_against := jsonb_build_object('reason', 'budget', 'until', v_ends);
  end if;
  if p_bounds ? 'guest_messages' then
    v_room := least(v_room, greatest((p_bounds ->> 'guest_messages')::int - public._guest_messages(u.id), 0));
    if v_room < p_count and public._guest_messages(u.id) + p_count > (p_bounds ->> 'guest_messages')::int then
      v_against := jsonb_build_object('reason', 'guest', 'until', null);
    end if;
  end if;
  return jsonb_build_object('room', v_room) || v_against;
end $$;

-- Null once `p_count` messages are counted, all of them; else {reason, until} of the limit they met.
create function public._take_message(u public.users, p_count int) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_day date := (now() at time zone 'utc')::date;
  v_minute timestamptz := now() - interval '1 minute';
  v_bounds jsonb := public._bounds(u);
  v_tokens bigint := coalesce(nullif((v_bounds ->> 'tokens_per_day')::bigint, 0), 9223372036854775807);
  v_per_day int := coalesce(nullif((v_bounds ->> 'messages_per_day')::int, 0), 2147483647);
  v_per_minute int := coalesce(nullif((v_bounds ->> 'messages_per_minute')::int, 0), 2147483647);
  v_guest boolean := v_bounds ? 'guest_messages';
  v_room jsonb;
begin
  if v_guest then
    -- The messages of all their days have one bound: whoever counts holds this day's row.
    insert into public.usage_days (user_id, day) values (u.id, v_day) on conflict do nothing;
    perform from public.usage_days where user_id = u.id and day = v_day for update;
  end if;
  if not (v_guest and public._guest_messages(u.id) + p_count > (v_bounds ->> 'guest_messages')::int
          or public._budget_spent()) then
    insert into public.usage_days as d (user_id, day, messages, guest_messages, minute_at, minute_messages)
      select u.id, v_day, p_count, case when v_guest then p_count else 0 end, now(), 1 where p_count <= v_per_day
      on conflict (user_id, day) do update set
        messages = d.messages + excluded.messages, guest_messages = d.guest_messages + excluded.guest_messages,
        minute_messages = case when d.minute_at > v_minute then d.minute_messages + 1 else 1 end,
        minute_at = case when d.minute_at > v_minute then d.minute_at else excluded.minute_at end
      where d.messages <= v_per_day - p_count and d.tokens < v_tokens
        and (d.minute_messages < v_per_minute or d.minute_at <= v_minute);
    if found then return null; end if;
  end if;
  v_room := public._room(u, v_bounds, p_count);
  return jsonb_build_object('reason', coalesce(v_room ->> 'reason', 'minute'),
                            'until', coalesce(v_room -> 'until', to_jsonb(now() + interval '1 minute')));
end $$;

-- Whether this update is the one that the person hears of `p_limit` by: the first that meets it, and the
-- first that does when an hour has passed since, or they would talk into the void for the rest of a day.
create function public._tell_limit(p_user_id text, p_limit text, p_source_key text) returns boolean
language plpgsql set search_path = '' as $$
declare
  v_day date := (now() at time zone 'utc')::date;
begin
  insert into public.usage_days as d (user_id, day, told_for, told_by, told_at)
    values (p_user_id, v_day, p_limit, p_source_key, now())
    on conflict (user_id, day) do update
    set told_for = excluded.told_for, told_by = excluded.told_by, told_at = excluded.told_at
    where d.told_for is distinct from excluded.told_for or d.told_at < now() - interval '1 hour';
  return found or exists (
    select from public.usage_days where user_id = p_user_id and day = v_day and told_by = p_source_key);
end $$;

-- A message of the person that is new. Null once it is counted, or belongs to one that was; else what
-- `receive_message` answers: over the limit it is held, for the vision it was meant for. `kept` is false
-- when too many are held already, `say` is true when the person is to be told.
create function public._limit_message(
  u public.users, v public.visions, p_source_key text, p_type text, p_content text, p_payload jsonb, p_origin jsonb
) returns jsonb
language plpgsql set search_path = '' as $$
declare
  h public.held_messages;
  v_limit jsonb;
  v_held int;
  v_kept boolean;
  v_told boolean;
begin
  if p_payload ? 'album' then
    if v.status = 'active' and public._album_of(v, p_payload, p_origin) is not null then return null; end if;
    select * into h from public.held_messages
      where user_id = u.id and origin ->> 'key' = p_origin ->> 'key' and payload ? 'album' for update;
    if found and h.limited is null then return null; end if;
    if found and not h.payload -> 'files' @> jsonb_build_array(jsonb_build_object('key', p_source_key)) then
      update public.held_messages
        set payload = public._with_item(payload, p_payload),
            content = public._content('', public._with_item(payload, p_payload))
        where id = h.id;
      return public._limited(u.id, h, v, false);
    end if;
  end if;
  if h.id is null then
    select * into h from public.held_messages where source_key = p_source_key and user_id = u.id;
  end if;
  if h.id is not null and h.limited is null then return null; end if;
  if h.id is not null then
    return public._limited(u.id, h, v, exists (
             select from public.usage_days d
             where d.user_id = u.id and d.told_by = p_source_key and d.day >= (now() at time zone 'utc')::date - 1))
      || jsonb_build_object('duplicate', true);
  end if;
  v_limit := public._take_message(u, 1);
  if v_limit is null then return null; end if;
  select count(*) into v_held from public.held_messages where user_id = u.id;
  v_kept := v_held < 200;
  v_told := public._tell_limit(u.id, concat_ws(':', v_limit ->> 'reason', v_limit ->> 'until', v_kept), p_source_key);
  h.vision_id := v.id;
  h.limited := v_limit;
  if v_kept then
    insert into public.held_messages (user_id, vision_id, type, content, payload, source_key, origin, limited)
      values (u.id, v.id, p_type, public._content(p_content, p_payload), p_payload, p_source_key, p_origin, v_limit);
  end if;
  return public._limited(u.id, h, v, v_told) || jsonb_build_object('kept', v_kept);
end $$;

create function public._limited(
  p_user_id text, h public.held_messages, v public.visions, p_say boolean
) returns jsonb
language sql stable set search_path = '' as $$
  select h.limited || jsonb_build_object(
    'state', 'limited', 'duplicate', false, 'message_id', null, 'say', p_say, 'kept', true, 'vision_id', h.vision_id,
    'title', case when v.id = h.vision_id then v.title end,
    'frozen', coalesce(v.id = h.vision_id and v.status = 'frozen', false),
    'held', (select count(*) from public.held_messages o
             where o.user_id = p_user_id and o.vision_id is not distinct from h.vision_id))
$$;

-- Of what is held for want of room the ids of what there is room for now, counted with this. The rest
-- that had no vision is held for this one from now on.
create function public._take_held(v public.visions, p_held_for uuid) returns bigint[]
language plpgsql set search_path = '' as $$
declare
  u public.users;
  v_ids bigint[];
  v_room int;
begin
  select array_agg(h.id order by h.id) into v_ids from public.held_messages h
    where h.user_id = v.user_id and h.vision_id is not distinct from p_held_for and h.limited is not null;
  if v_ids is null then return '{}'; end if;
  select * into u from public.users where id = v.user_id;
  v_room := (public._room(u, public._bounds(u), cardinality(v_ids)) ->> 'room')::int;
  if v_room > 0 and public._take_message(u, v_room) is not null then v_room := 0; end if;
  if p_held_for is null then
    update public.held_messages set vision_id = v.id where id = any (v_ids[v_room + 1:]);
  end if;
  return v_ids[:v_room];
end $$;

-- What still waits for room in this vision: {"left": n}, and `limit` {reason, until} when there is any.
create function public._held_left(v public.visions) returns jsonb
language plpgsql set search_path = '' as $$
declare
  u public.users;
  v_left int;
begin
  select count(*) into v_left from public.held_messages h
    where h.user_id = v.user_id and h.vision_id = v.id and h.limited is not null;
  if v_left = 0 then return '{"left": 0, "limit": null}'; end if;
  select * into u from public.users where id = v.user_id;
  return jsonb_build_object('left', v_left, 'limit', nullif(public._room(u, public._bounds(u), 1) - 'room', '{}'));
end $$;

-- What stands against a turn of this person now: null, or {reason, until}. `blocked` and `leaving` have no
-- end. The budget is asked by the caller, once for all turns.
create function public._turn_limit(p_user_id text, p_budget_spent boolean) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  u public.users;
  v_day date := (now() at time zone 'utc')::date;
  v_reason text;
begin
  select * into u from public.users where id = p_user_id;
  if u.erase_at is not null then v_reason := 'leaving';
  elsif u.level = 'blocked' and public._level(u) = 'blocked' then v_reason := 'blocked';
  elsif p_budget_spent then v_reason := 'budget';
  elsif (select d.tokens from public.usage_days d where d.user_id = p_user_id and d.day = v_day)
        >= nullif((public._bounds(u) ->> 'tokens_per_day')::bigint, 0) then v_reason := 'tokens';
  else return null; end if;
  return jsonb_build_object(
    'reason', v_reason,
    'until', case when v_reason in ('budget', 'tokens') then (v_day + 1)::timestamp at time zone 'utc' end);
end $$;

-- A turn that there is no room for: it waits for the person, who is told once for each vision and limit.
-- The caller has the queue row; a vision that somebody is changing is looked at again a moment later.
create function public._fail_limited(v public.visions, p_limit jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  v_id bigint;
begin
  perform from public.visions where id = v.id for update skip locked;
  if not found then
    update public.turn_queue set run_at = clock_timestamp() + interval '0.2 seconds' where vision_id = v.id;
    return;
  end if;
  update public.turn_queue
    set run_at = 'infinity', failed_at = now(), lease = null, lease_by = null, stop_requested = false
    where vision_id = v.id;
  if p_limit ->> 'until' is null then return; end if;
  v_id := nextval('public.vision_messages_id_seq');
  insert into public.vision_messages (id, vision_id, anchor, sender, type, payload, source_key)
    select v_id, v.id, v_id, 'system', 'info', p_limit || jsonb_build_object('notice', 'limit', 'timezone', u.timezone),
           concat_ws(':', 'limit', v.id, p_limit ->> 'reason', p_limit ->> 'until')
    from public.users u where u.id = v.user_id
    on conflict do nothing;
  if found then
    insert into public.deliveries (message_id, user_id, vision_id, thread_id)
      values (v_id, v.user_id, v.id, (
        select (m.origin ->> 'thread_id')::bigint from public.vision_messages m
        where m.vision_id = v.id and m.anchor = v.last_anchor and m.part = 0));
    perform pg_notify('deliveries', '');
  end if;
end $$;

-- What the person has used and what is left, for them. `left` has what is bounded only.
create function public.read_usage(p_user_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  u public.users := public._admit(p_user_id);
  v_day date := (now() at time zone 'utc')::date;
  v_bounds jsonb := public._bounds(u);
  d public.usage_days;
begin
  select * into d from public.usage_days where user_id = u.id and day = v_day;
  return jsonb_build_object(
    'renews_at', (v_day + 1)::timestamp at time zone 'utc',
    'bounds', v_bounds,
    'guest_messages', case when v_bounds ? 'guest_messages' then public._guest_messages(u.id) end,
    'today', jsonb_build_object('messages', coalesce(d.messages, 0), 'tokens', coalesce(d.tokens, 0)),
    'month', (
      select jsonb_build_object('messages', coalesce(sum(m.messages), 0), 'tokens', coalesce(sum(m.tokens), 0))
      from public.usage_days m where m.user_id = u.id and m.day >= date_trunc('month', v_day::timestamp)::date),
    'visions', (
      select coalesce(jsonb_agg(jsonb_build_object('title', t.title, 'tokens', t.tokens) order by t.tokens desc), '[]'::jsonb)
      from (
        with spent as materialized (
          select c.meta ->> 'visionid' as vision_id, sum(c.totaltokens) as tokens
          from public.tokenscount c
          where c.clientid = u.id and c.createdat >= date_trunc('month', v_day::timestamp) at time zone 'utc'
          group by 1
        ), theirs as materialized (
          select v.id::text as vision_id, v.title from public.visions v where v.user_id = u.id and v.status <> 'deleted')
        select title, tokens from theirs join spent using (vision_id)
        where tokens > 0 order by tokens desc limit 8) t),
    'limit', nullif(public._room(u, v_bounds, 1) - 'room', '{}'),
    'held', (
      select jsonb_build_object('vision_id', h.vision_id, 'frozen', v.status = 'frozen', 'count', count(*))
      from public.held_messages h left join public.visions v on v.id = h.vision_id
      where h.user_id = u.id and h.limited is not null and v.status is distinct from 'deleted'
      group by h.vision_id, v.status order by count(*) desc limit 1));
end $$;

select public._close_door(
  array['usage_days', 'usage_totals'],
  array['_count_call', 'budget_state', '_budget_spent', '_bounds', '_guest_messages', '_room', '_take_message',
        '_tell_limit', '_limit_message', '_limited', '_take_held', '_held_left', '_turn_limit', '_fail_limited',
        'read_usage']);
