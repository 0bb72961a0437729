-- What admins see of people and do about them. They see numbers, never a title or a word of a dialogue.

create index telegram_accounts_seen_at on public.telegram_accounts (seen_at desc, telegram_id desc);
create index telegram_accounts_username on public.telegram_accounts (lower(username)) where username <> '';
create index users_created_at on public.users (created_at desc, id);
create index users_ref on public.users (left(md5(id), 16));

create function public._by_settings(p_user_id text) returns boolean
language sql stable set search_path = '' as $$
  select exists (select from public.telegram_accounts a, public.policy p
                 where a.user_id = p_user_id and a.telegram_id = any (p.admin_telegram_ids))
$$;

-- A person in a list. `given` is the level that an admin or an invite gave, null where the mode decides.
create function public._person_line(u public.users) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'user_id', u.id, 'telegram_id', a.telegram_id, 'name', coalesce(btrim(a.first_name || ' ' || a.last_name), ''),
    'username', coalesce(a.username, ''), 'level', public._level(u), 'given', u.level,
    'by_settings', public._by_settings(u.id), 'reachable', coalesce(a.reachable, false), 'seen_at', a.seen_at,
    'created_at', u.created_at, 'erase_at', u.erase_at)
  from (select) one
  left join lateral (select * from public.telegram_accounts t where t.user_id = u.id
                     order by t.seen_at desc limit 1) a on true
$$;

-- People as a list, `p_order` `seen` (last seen first) or `new`; or as what is found by `p_query`: a part of
-- a name (ё is е, as people write it) or @username, a whole Telegram id or user_id, whole words and
-- beginnings before the rest.
create function public.find_users(
  p_admin_id text, p_query text, p_order text, p_offset int, p_limit int
) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_exact text := btrim(left(coalesce(p_query, ''), 200));
  v_query text := translate(lower(ltrim(v_exact, '@')), 'ё', 'е');
  v_number bigint := case when v_exact ~ '^[0-9]{1,18}$' then v_exact::bigint end;
  v_offset int := greatest(coalesce(p_offset, 0), 0);
  v_limit int := least(greatest(coalesce(p_limit, 1), 1), 100);
  v_seen int;
  v_total int;
  v_ids text[];
begin
  perform public._admin(p_admin_id);
  if v_query <> '' then
    with hits as (
      select user_id as id, 0 as rank, seen_at from public.telegram_accounts where telegram_id = v_number
      union all
      select id, 0, null from public.users where id = v_exact
      union all
      select user_id,
             case when name = v_query then 1 when starts_with(name, v_query) then 2
                  when starts_with(said, v_query) then 3 else 4 end, seen_at
      from (select user_id, seen_at, lower(username) as name,
                   case when left(v_exact, 1) = '@' then ''
                        else translate(lower(first_name || ' ' || last_name), 'ё', 'е') end as said
            from public.telegram_accounts offset 0) a
      where strpos(name, v_query) > 0 or strpos(said, v_query) > 0
    ), people as (
      select id, min(rank) as rank, max(seen_at) as seen_at from hits group by id
    )
    select (select count(*) from people),
           array(select id from people order by rank, seen_at desc nulls last, id offset v_offset limit v_limit)
      into v_total, v_ids;
  else
    select count(*) into v_total from public.users;
    if p_order = 'new' then
      v_ids := array(select id from public.users order by created_at desc, id offset v_offset limit v_limit);
    else
      v_ids := array(
        select a.user_id from public.telegram_accounts a
        where not exists (select from public.telegram_accounts o
                          where o.user_id = a.user_id and (o.seen_at, o.telegram_id) > (a.seen_at, a.telegram_id) offset 0)
        order by a.seen_at desc, a.telegram_id desc offset v_offset limit v_limit);
      if cardinality(v_ids) < v_limit then
        -- Last come those whom the operator's own system knows and Telegram does not.
        select count(distinct user_id) into v_seen from public.telegram_accounts;
        v_ids := v_ids || array(
          select id from public.users u
          where not exists (select from public.telegram_accounts a where a.user_id = u.id)
          order by created_at desc, id
          offset greatest(v_offset - v_seen, 0) limit v_limit - cardinality(v_ids));
      end if;
    end if;
  end if;
  return jsonb_build_object('total', v_total, 'items', (
    select coalesce(jsonb_agg(public._person_line(u) order by i.n), '[]'::jsonb)
    from unnest(v_ids) with ordinality i (id, n) join public.users u on u.id = i.id));
end $$;

-- Whom a name means: a user_id, a Telegram id, a @username, or #<ref> as a button says it (the first 16
-- digits of the md5 of the user_id, which itself may be too long for one). Refuses with PT404
-- user_not_found, and PT409 user_ambiguous where it means several people: usernames change hands.
create function public.resolve_user(p_admin_id text, p_name text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_name text := btrim(left(coalesce(p_name, ''), 200));
  v_ids text[];
begin
  perform public._admin(p_admin_id);
  v_ids := array(
    select id from public.users where id = v_name
    union
    select id from public.users where left(v_name, 1) = '#' and left(md5(id), 16) = substr(v_name, 2)
    union
    select user_id from public.telegram_accounts
    where telegram_id = case when v_name ~ '^[0-9]{1,18}$' then v_name::bigint end
    union
    select user_id from public.telegram_accounts
    where left(v_name, 1) = '@' and username <> '' and lower(username) = lower(substr(v_name, 2)));
  if cardinality(v_ids) = 0 then perform public._fail('PT404', 'user_not_found'); end if;
  if cardinality(v_ids) > 1 then perform public._fail('PT409', 'user_ambiguous'); end if;
  return jsonb_build_object('user_id', v_ids[1]);
end $$;

-- What a person has cost since the day, which is one of UTC: {tokens, usd}.
create function public._spent(p_user_id text, p_since date) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('tokens', coalesce(sum(tokens), 0), 'usd', coalesce(round(sum(usd), 4), 0))
  from public.usage_days where user_id = p_user_id and day >= p_since
$$;

-- All an admin may know of a person. `limits` are their own, `level_limits` those of their level; what is
-- missing or 0 has no bound. `level_before` is what `given` was before they were blocked. Days and months
-- begin at midnight UTC.
create function public.user_card(p_admin_id text, p_user_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  u public.users;
  v_day date := (now() at time zone 'utc')::date;
begin
  perform public._admin(p_admin_id);
  select * into u from public.users where id = p_user_id;
  if not found then perform public._fail('PT404', 'user_not_found'); end if;
  return public._person_line(u) || jsonb_build_object(
    'ref', left(md5(u.id), 16), 'external', u.external, 'language', public._language(u.language, (
      select a.language_code from public.telegram_accounts a where a.user_id = u.id order by a.seen_at desc limit 1)),
    'visions', (select jsonb_build_object('active', count(*) filter (where v.status = 'active'),
                                          'frozen', count(*) filter (where v.status = 'frozen'))
                from public.visions v where v.user_id = u.id),
    'messages', (select coalesce(sum(v.messages), 0) from public.visions v where v.user_id = u.id),
    'today', public._spent(u.id, v_day),
    'month', public._spent(u.id, date_trunc('month', v_day::timestamp)::date),
    'limits', u.limits, 'level_before', u.meta ->> 'level_before',
    'level_limits', (select coalesce(p.limits -> public._level(u), '{}'::jsonb) from public.policy p));
end $$;

-- Nothing more is said to them and no turn of theirs goes on: what was on its way fails with `level`,
-- a turn that is being answered loses its lease. The caller has locked their visions.
create function public._silence(p_user_id text) returns void
language plpgsql set search_path = '' as $$
declare
  v_lease text;
begin
  for v_lease in
    delete from public.turn_queue q using public.visions v
    where v.user_id = p_user_id and q.vision_id = v.id returning q.lease
  loop
    if v_lease is not null then perform pg_notify('turns', 'stop:' || v_lease); end if;
  end loop;
  -- What waited for them to unblock the bot shall not come then either.
  update public.deliveries set failed_at = coalesce(failed_at, clock_timestamp()), failure = 'level', lease = null
    where user_id = p_user_id and delivered_at is null and (failed_at is null or failure = 'blocked');
  update public.notices set failed_at = coalesce(failed_at, clock_timestamp()), failure = 'level', lease = null
    where user_id = p_user_id and delivered_at is null and (failed_at is null or failure = 'blocked');
end $$;

-- Gives back what `_silence` took: words that were on their way go on, questions without an answer are
-- asked again. What a blocked person wrote meanwhile was never stored. The next blocking is told anew.
create function public._give_voice(p_user_id text) returns void
language plpgsql set search_path = '' as $$
declare
  v_vision public.visions;
begin
  for v_vision in select * from public.visions where user_id = p_user_id order by id loop
    if v_vision.status = 'active' and v_vision.last_anchor > v_vision.answered_anchor then
      perform public._queue_turn(v_vision, 0);
      perform pg_notify('turns', v_vision.id::text || ':' || v_vision.last_anchor);
    end if;
  end loop;
  update public.deliveries d
    set failed_at = null, failure = null, run_at = case when v.status = 'deleted' then 'infinity' else now() end
    from public.visions v
    where d.user_id = p_user_id and d.delivered_at is null and d.failure = 'level' and v.id = d.vision_id;
  if found then perform pg_notify('deliveries', ''); end if;
  perform public._send_notices_again(p_user_id, 'level');
  update public.users set blocked_told_by = null where id = p_user_id;
end $$;

-- `p_level` null: what the mode makes of a newcomer. Says whether anything has changed; what already is
-- so is not written down again. Refuses with PT409: `admin_by_settings` (only the settings change them),
-- `yourself` (nobody blocks or demotes themselves). Both people are locked before rights are looked at,
-- so that of two admins who demote each other at one moment one stays.
create function public.set_level(p_admin_id text, p_user_id text, p_level text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  u public.users;
  v_before text;
  v_now text;
begin
  perform public._admin(p_admin_id);
  if p_level not in ('guest', 'member', 'admin', 'blocked') then perform public._fail('PT409', 'unknown_level'); end if;
  perform from public.visions where user_id = p_user_id order by id for update;
  perform from public.users where id in (p_admin_id, p_user_id) order by id for update;
  perform public._admin(p_admin_id);
  select * into u from public.users where id = p_user_id;
  if not found then perform public._fail('PT404', 'user_not_found'); end if;
  if public._by_settings(u.id) then perform public._fail('PT409', 'admin_by_settings'); end if;
  if p_admin_id = u.id and p_level is distinct from 'admin' then perform public._fail('PT409', 'yourself'); end if;
  if u.level is not distinct from p_level then return jsonb_build_object('changed', false); end if;
  v_before := public._level(u);
  update public.users
    set level = p_level, updated_at = now(),
        meta = case when p_level = 'blocked' and u.level is not null
                    then meta || jsonb_build_object('level_before', replace(u.level, 'admin', 'member'))
                    else meta - 'level_before' end
    where id = u.id;
  select public._level(p) into v_now from public.users p where p.id = u.id;
  if p_level = 'blocked' then
    perform public._silence(u.id);
  elsif u.level = 'blocked' then
    perform public._give_voice(u.id);
  end if;
  perform public._log_act(p_admin_id, 'set_level', u.id, jsonb_build_object('from', u.level, 'to', p_level));
  -- Nobody else would tell them that the door is open.
  if v_now = 'admin' then
    perform public._put_notice(u.id, 'appointed', '{}', 'level:' || gen_random_uuid());
  elsif v_now = 'member' and v_before in ('guest', 'blocked') then
    perform public._put_notice(u.id, 'let_in', '{}', 'level:' || gen_random_uuid());
  end if;
  return jsonb_build_object('changed', true);
end $$;

-- `p_limits` is {tokens_per_day, messages_per_minute, messages_per_day}, of which only the given ones
-- change: whole numbers, 0 for no bound, null for what the level has. Refuses others, and more than 12
-- digits of tokens or a thousand million messages, with PT409: unknown_limit, bad_limit; and
-- `admin_by_settings`, whom no other admin bounds in the chat.
create function public.set_limits(p_admin_id text, p_user_id text, p_limits jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  u public.users;
  l record;
  v_limits jsonb;
begin
  perform public._admin(p_admin_id);
  select * into u from public.users where id = p_user_id for update;
  if not found then perform public._fail('PT404', 'user_not_found'); end if;
  if p_admin_id <> u.id and p_admin_id not like 'console:%' and public._by_settings(u.id) then
    perform public._fail('PT409', 'admin_by_settings');
  end if;
  if coalesce(jsonb_typeof(p_limits), '') <> 'object' then perform public._fail('PT409', 'bad_limit'); end if;
  for l in select key, value, jsonb_typeof(value) as type from jsonb_each(p_limits) loop
    if l.key not in ('tokens_per_day', 'messages_per_minute', 'messages_per_day') then
      perform public._fail('PT409', 'unknown_limit');
    end if;
    if l.type = 'null' then continue; end if;
    if l.type <> 'number' or l.value #>> '{}' !~ '^[0-9]{1,12}$'
       or l.key <> 'tokens_per_day' and (l.value #>> '{}')::bigint > 1000000000 then
      perform public._fail('PT409', 'bad_limit');
    end if;
  end loop;
  v_limits := jsonb_strip_nulls(u.limits || p_limits);
  if v_limits <> u.limits then
    update public.users set limits = v_limits, updated_at = now() where id = u.id;
    perform public._log_act(p_admin_id, 'set_limits', u.id, p_limits);
  end if;
  return jsonb_build_object('limits', v_limits, 'changed', v_limits <> u.limits);
end $$;

-- A letter of the operators, delivered outside of dialogues; once for each `p_source_key`. `reachable`:
-- whether it can arrive now; if not, it waits until they unblock the bot. Refuses with PT409: user_blocked (by
-- an admin: first let them in), letter_empty, letter_too_long (over 3,500 characters).
create function public.write_to(p_admin_id text, p_user_id text, p_text text, p_source_key text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  u public.users;
  v_text text := btrim(coalesce(p_text, ''), E' \t\r\n');
  v_new boolean;
begin
  perform public._admin(p_admin_id);
  select * into u from public.users where id = p_user_id;
  if not found then perform public._fail('PT404', 'user_not_found'); end if;
  if public._level(u) = 'blocked' then perform public._fail('PT409', 'user_blocked'); end if;
  if v_text = '' then perform public._fail('PT409', 'letter_empty'); end if;
  if char_length(v_text) > 3500 then perform public._fail('PT409', 'letter_too_long'); end if;
  v_new := public._put_notice(u.id, 'operators', jsonb_build_object('text', v_text), 'letter:' || p_source_key);
  if v_new then
    perform public._log_act(p_admin_id, 'write_to', u.id, jsonb_build_object('characters', char_length(v_text)));
  end if;
  return jsonb_build_object('new', v_new, 'reachable', coalesce((
    select a.reachable from public.telegram_accounts a where a.user_id = u.id order by a.seen_at desc limit 1), false));
end $$;

-- The newest first. Names are as they are now, null for the command line and for who is gone.
create function public.read_admin_log(p_admin_id text, p_offset int, p_limit int) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  perform public._admin(p_admin_id);
  return jsonb_build_object(
    'total', (select count(*) from public.admin_log),
    'items', (
      select coalesce(jsonb_agg(jsonb_build_object(
               'id', l.id, 'admin_id', l.admin_id, 'admin', public._person_name(l.admin_id), 'act', l.act,
               'user_id', l.user_id, 'user', public._person_name(l.user_id), 'details', l.details,
               'created_at', l.created_at) order by l.id desc), '[]'::jsonb)
      from (select * from public.admin_log order by id desc
            offset greatest(p_offset, 0) limit least(greatest(p_limit, 1), 100)) l));
end $$;

create function public._person_name(p_user_id text) returns text
language sql stable set search_path = '' as $$
  select coalesce(nullif(btrim(a.first_name || ' ' || a.last_name), ''), '@' || nullif(a.username, ''), a.telegram_id::text)
  from public.telegram_accounts a where a.user_id = p_user_id order by a.seen_at desc limit 1
$$;

select public._close_door(
  array[]::text[],
  array['_by_settings', '_person_line', 'find_users', 'resolve_user', '_spent', 'user_card', '_silence', '_give_voice',
        'set_level', 'set_limits', 'write_to', 'read_admin_log', '_person_name']);
