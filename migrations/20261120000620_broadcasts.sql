-- Broadcasts: a message of the operators to many people, each of whom gets it at most once. A
-- recipient whose send was begun and whose outcome nobody can tell is never tried again.

create table public.broadcasts (
  id bigint generated always as identity primary key,
  admin_id text not null,
  content jsonb not null,
  audience jsonb,
  status text not null default 'draft' check (status in ('draft', 'sending', 'paused', 'stopped', 'finished')),
  halted boolean not null default false,
  people int not null default 0,
  counts jsonb not null default '{}',
  screens jsonb not null default '{}',
  source_key text not null unique,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  told_at timestamptz
);
comment on column public.broadcasts.admin_id is 'Who sends it; no reference: it outlives them';
comment on column public.broadcasts.content is '{kind: text | photo | document, text, entities, telegram_file_id, …}: the front end''s own';
comment on column public.broadcasts.audience is '{} is everybody; {days: 7 | 30}, {language}, {level} name some of them';
comment on column public.broadcasts.halted is 'Paused not by an admin but because Telegram took the message from nobody';
comment on column public.broadcasts.counts is 'By state of the recipients, once the admins have been told the end; before that they are counted';
comment on column public.broadcasts.screens is 'Where admins watch it: {chat: message}, at most ten; nowhere once the end is told';
comment on column public.broadcasts.told_at is 'When its end was shown; a notice says it too';

create table public.broadcast_recipients (
  broadcast_id bigint not null,
  user_id text not null,
  state text not null default 'waiting'
    check (state in ('waiting', 'sending', 'sent', 'blocked', 'skipped', 'failed', 'unclear')),
  telegram_id bigint,
  attempts smallint not null default 0,
  attempting_at timestamptz,
  lease text,
  leased_until timestamptz,
  failure text,
  primary key (broadcast_id, user_id)
);
comment on table public.broadcast_recipients is 'No references: a hundred thousand come at once';
comment on column public.broadcast_recipients.state is
  'blocked: they blocked the bot; skipped: no longer to be written to; unclear: it may have arrived';
-- What is still to come is searched from its beginning, and what was begun by its end. Each search fits one of
-- them alone: recipients that stopped broadcasts have left waiting are never read.
create index broadcast_recipients_waiting on public.broadcast_recipients (broadcast_id, user_id) where state = 'waiting';
create index broadcast_recipients_sending on public.broadcast_recipients (broadcast_id, leased_until) where state = 'sending';

-- Whom an audience names now: reachable, neither blocked nor leaving. Those whom a closed bot does not
-- let in are meant only where their level is named. One row each.
create function public._audience(p_audience jsonb) returns setof text
language plpgsql stable set search_path = '' as $$
declare
  p public.policy;
  v_admins text[];
  v_days int := (p_audience ->> 'days')::int;
  v_language text := p_audience ->> 'language';
  v_level text := p_audience ->> 'level';
begin
  select * into p from public.policy;
  v_admins := array(select a.user_id from public.telegram_accounts a where a.telegram_id = any (p.admin_telegram_ids));
  -- The rule of _level, and that of _language, for everybody at once: a call for each takes seconds.
  return query
    select u.id
    from public.users u
    join public.telegram_accounts a on a.user_id = u.id
    cross join lateral (select case
      when u.id = any (v_admins) then 'admin'
      when u.level is not null and (u.level <> 'guest' or p.mode <> 'open') then u.level
      when p.mode = 'open' then 'member'
      else 'guest' end as level) l
    where a.reachable and u.erase_at is null and l.level <> 'blocked'
      and (l.level = v_level or v_level is null and (l.level <> 'guest' or p.mode <> 'list'))
      and (v_days is null or a.seen_at > now() - make_interval(days => v_days))
      and (v_language is null or v_language
           = coalesce(u.language, case when a.language_code like 'en%' then 'en' else 'ru' end))
    group by u.id;
end $$;

create function public._broadcast_counts(b public.broadcasts) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  if b.told_at is not null then return b.counts; end if;
  return (select coalesce(jsonb_object_agg(s.state, s.count), '{}'::jsonb)
          from (select r.state, count(*) from public.broadcast_recipients r
                where r.broadcast_id = b.id group by r.state) s);
end $$;

create function public._broadcast(b public.broadcasts, p_admin_id text) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'id', b.id, 'own', b.admin_id = p_admin_id, 'status', b.status, 'halted', b.halted,
    'kind', b.content ->> 'kind', 'audience', b.audience, 'people', b.people,
    'counts', public._broadcast_counts(b), 'started_at', b.started_at, 'ended_at', b.ended_at)
$$;

-- Drafts are their author's alone; what is under way is every admin's.
create function public._a_broadcast(p_admin_id text, p_id bigint) returns public.broadcasts
language plpgsql set search_path = '' as $$
declare
  b public.broadcasts;
begin
  select * into b from public.broadcasts
    where id = p_id and (status <> 'draft' or admin_id = p_admin_id) for update;
  if not found then perform public._fail('PT404', 'broadcast_not_found'); end if;
  return b;
end $$;

-- An admin has one draft: a new one takes the place of the one before.
create function public.draft_broadcast(p_admin_id text, p_content jsonb, p_source_key text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  b public.broadcasts;
begin
  perform public._admin(p_admin_id);
  if coalesce(p_content ->> 'kind', '') not in ('text', 'photo', 'document')
     or octet_length(p_content::text) > 100000
     or p_content ->> 'kind' = 'text' and coalesce(p_content ->> 'text', '') = ''
     or p_content ->> 'kind' <> 'text' and coalesce(p_content ->> 'telegram_file_id', '') = '' then
    perform public._fail('PT409', 'wrong_content');
  end if;
  insert into public.broadcasts (admin_id, content, source_key)
    values (p_admin_id, p_content, p_source_key) on conflict do nothing returning * into b;
  if not found then
    select * into b from public.broadcasts where source_key = p_source_key and admin_id = p_admin_id;
    if not found then perform public._fail('PT404', 'broadcast_not_found'); end if;
    return public._broadcast(b, p_admin_id);
  end if;
  delete from public.broadcasts where admin_id = p_admin_id and status = 'draft' and id <> b.id;
  perform public._log_act(p_admin_id, 'broadcast_drafted', null,
                          jsonb_build_object('broadcast', b.id, 'kind', b.content -> 'kind'));
  return public._broadcast(b, p_admin_id);
end $$;

create function public.drop_broadcast(p_admin_id text, p_id bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform public._admin(p_admin_id);
  delete from public.broadcasts where id = p_id and admin_id = p_admin_id and status = 'draft';
  if found then
    perform public._log_act(p_admin_id, 'broadcast_dropped', null, jsonb_build_object('broadcast', p_id));
  end if;
  return jsonb_build_object('dropped', found);
end $$;

-- How many people a draft would go to now. The draft remembers the audience, not the people.
create function public.set_broadcast_audience(p_admin_id text, p_id bigint, p_audience jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  b public.broadcasts;
begin
  perform public._admin(p_admin_id);
  if p_audience is null or p_audience - array['days', 'language', 'level'] <> '{}'::jsonb
     or coalesce(p_audience ->> 'days', '7') not in ('7', '30')
     or coalesce(p_audience ->> 'language', 'ru') not in ('ru', 'en')
     or coalesce(p_audience ->> 'level', 'guest') not in ('guest', 'member', 'admin') then
    perform public._fail('PT409', 'wrong_audience');
  end if;
  b := public._a_broadcast(p_admin_id, p_id);
  if b.status = 'draft' then
    update public.broadcasts
      set audience = p_audience, people = (select count(*) from public._audience(p_audience))
      where id = b.id returning * into b;
  end if;
  return public._broadcast(b, p_admin_id);
end $$;

-- From now on it goes out, to those whom the audience names at this moment. `changed` is false where it
-- was confirmed before.
create function public.confirm_broadcast(p_admin_id text, p_id bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  b public.broadcasts;
  v_people int;
begin
  perform public._admin(p_admin_id);
  b := public._a_broadcast(p_admin_id, p_id);
  if b.status <> 'draft' then
    return public._broadcast(b, p_admin_id) || '{"changed": false}'::jsonb;
  end if;
  if b.audience is null then perform public._fail('PT409', 'no_audience'); end if;
  insert into public.broadcast_recipients (broadcast_id, user_id)
    select b.id, a from public._audience(b.audience) a;
  get diagnostics v_people = row_count;
  if v_people = 0 then perform public._fail('PT409', 'nobody'); end if;
  update public.broadcasts set status = 'sending', people = v_people, started_at = clock_timestamp()
    where id = b.id returning * into b;
  perform public._log_act(p_admin_id, 'broadcast_started', null, jsonb_build_object(
    'broadcast', b.id, 'people', v_people, 'audience', b.audience, 'kind', b.content -> 'kind'));
  return public._broadcast(b, p_admin_id) || '{"changed": true}'::jsonb;
end $$;

-- `p_to`: `paused`, `sending` (resumed) or `stopped`. What has ended stays as it is.
create function public.change_broadcast(p_admin_id text, p_id bigint, p_to text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  b public.broadcasts;
  v_changed boolean;
begin
  perform public._admin(p_admin_id);
  if p_to is null or p_to not in ('paused', 'sending', 'stopped') then
    perform public._fail('PT409', 'wrong_status');
  end if;
  b := public._a_broadcast(p_admin_id, p_id);
  v_changed := b.status in ('sending', 'paused') and b.status <> p_to;
  if v_changed then
    update public.broadcasts
      set status = p_to, halted = false, ended_at = case when p_to = 'stopped' then clock_timestamp() end
      where id = b.id returning * into b;
    perform public._log_act(
      p_admin_id, case p_to when 'sending' then 'broadcast_resumed' else 'broadcast_' || p_to end, null,
      jsonb_build_object('broadcast', b.id));
  end if;
  return public._broadcast(b, p_admin_id) || jsonb_build_object('changed', v_changed);
end $$;

create function public.get_broadcast(p_admin_id text, p_id bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform public._admin(p_admin_id);
  return public._broadcast(public._a_broadcast(p_admin_id, p_id), p_admin_id);
end $$;

-- What is under way, then what has ended, newest first; drafts are not among them.
create function public.list_broadcasts(p_admin_id text, p_offset int, p_limit int) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  perform public._admin(p_admin_id);
  return jsonb_build_object(
    'total', (select count(*) from public.broadcasts where status <> 'draft'),
    'items', (
      select coalesce(jsonb_agg(public._broadcast(b, p_admin_id) order by b.status in ('sending', 'paused') desc, b.id desc),
                      '[]'::jsonb)
      from (select * from public.broadcasts where status <> 'draft'
            order by status in ('sending', 'paused') desc, id desc
            offset greatest(p_offset, 0) limit least(p_limit, 20)) b));
end $$;

-- The admin watches it in this message of their own chat: it is kept up to date until the end.
create function public.watch_broadcast(p_admin_id text, p_id bigint, p_chat_id bigint, p_message_id bigint)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  b public.broadcasts;
begin
  perform public._admin(p_admin_id);
  if not exists (select from public.telegram_accounts where telegram_id = p_chat_id and user_id = p_admin_id) then
    perform public._fail('PT403', 'not_your_chat');
  end if;
  b := public._a_broadcast(p_admin_id, p_id);
  if b.told_at is null and b.status <> 'draft'
     and (b.screens ? p_chat_id::text or (select count(*) from jsonb_object_keys(b.screens)) < 10) then
    update public.broadcasts set screens = screens || jsonb_build_object(p_chat_id, p_message_id) where id = b.id;
  end if;
  return '{}'::jsonb;
end $$;

-- Takes as many recipients as the send budget allows for all processes together; answers and what
-- else waits to be said go first, and nobody is interrupted whose answer is being written. `lease`
-- is that of all of them. From here on each counts as begun: whose lease runs out is `unclear`.
-- `open` says whether anything is under way, or its end not told.
create function public.claim_broadcast_sends(
  p_worker text, p_limit int, p_lease_seconds int, p_per_second int
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  b public.broadcasts;
  r public.broadcast_recipients;
  u public.users;
  v_chat bigint;
  v_state text;
  v_due int;
  v_sends int;
  v_taken int := 0;
  v_busy text[];
  v_lease text := gen_random_uuid()::text;
  v_items jsonb := '[]'::jsonb;
begin
  with lost as (
    select s.broadcast_id, s.user_id from public.broadcast_recipients s
    where s.state = 'sending' and s.leased_until <= clock_timestamp() for update skip locked
  )
  update public.broadcast_recipients s set state = 'unclear', leased_until = null, failure = 'lost'
    from lost where s.broadcast_id = lost.broadcast_id and s.user_id = lost.user_id;
  -- One search for each that goes out: `exists` becomes a join, and that reads what all have left waiting
  -- where PostgreSQL has not seen yet that anybody waits.
  select * into b from public.broadcasts c
    where c.status = 'sending' and (
      select w.user_id from public.broadcast_recipients w
      where w.broadcast_id = c.id and w.state = 'waiting' order by w.user_id limit 1) is not null
    order by c.id limit 1;
  if not found then
    return jsonb_build_object('sends', v_items, 'open', exists (
      select from public.broadcasts c where c.status in ('sending', 'paused')
        or c.status in ('stopped', 'finished') and c.told_at is null));
  end if;
  select count(*) into v_due from (
    select from public.deliveries d
      where coalesce(d.delivered_at, d.failed_at) is null and d.unasked and d.run_at <= clock_timestamp()
    union all
    select from public.notices n
      where coalesce(n.delivered_at, n.failed_at) is null and n.run_at <= clock_timestamp()
    limit p_per_second) d;
  -- A tenth is left to what is counted nowhere: the progress that admins see, answers to buttons.
  v_sends := public._sends_allowed(p_limit + v_due, greatest(p_per_second * 9 / 10, 1)) - v_due;
  if v_sends > 0 then
    v_busy := array(select q.user_id from public.turn_queue q where q.lease is not null);
    for r in
      select w.* from public.broadcast_recipients w
      where w.broadcast_id = b.id and w.state = 'waiting' and w.user_id <> all (v_busy)
      order by w.user_id limit v_sends for update skip locked
    loop
      v_chat := null;
      select * into u from public.users where id = r.user_id;
      if not found or u.erase_at is not null or public._level(u) = 'blocked' then
        v_state := 'skipped';
      else
        select a.telegram_id into v_chat from public.telegram_accounts a
          where a.user_id = u.id and a.reachable order by a.seen_at desc limit 1;
        v_state := case when v_chat is null then 'blocked' else 'sending' end;
      end if;
      update public.broadcast_recipients s
        set state = v_state, telegram_id = v_chat, attempts = s.attempts + (v_chat is not null)::int,
            attempting_at = case when v_chat is not null then clock_timestamp() end,
            lease = case when v_chat is not null then v_lease end,
            leased_until = case when v_chat is not null then clock_timestamp() + make_interval(secs => p_lease_seconds) end
        where s.broadcast_id = r.broadcast_id and s.user_id = r.user_id;
      if v_chat is not null then
        v_items := v_items || jsonb_build_object('user_id', r.user_id, 'chat_id', v_chat);
        v_taken := v_taken + 1;
      end if;
    end loop;
    update public.send_budget set tokens = tokens - v_taken where id = 1 and v_taken > 0;
  end if;
  return jsonb_build_object('open', true, 'sends', v_items, 'lease', v_lease, 'worker', p_worker,
                            'broadcast_id', b.id, 'content', b.content);
end $$;

-- What became of sends: {user: {lease, state, failure}}. `waiting` is for what has certainly not
-- arrived and may be tried again. Only the one who began a send can tell, also after its lease.
-- `p_pause_seconds`: Telegram wants all to wait. `p_halt`: it takes the message from nobody.
create function public.mark_broadcast_sends(
  p_broadcast_id bigint, p_outcomes jsonb, p_pause_seconds int, p_halt boolean
) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  with told as (
    select o.key as user_id, o.value ->> 'lease' as lease, o.value ->> 'state' as state,
           left(o.value ->> 'failure', 200) as failure
    from jsonb_each(p_outcomes) o
  ), marked as (
    update public.broadcast_recipients r
      set state = t.state, failure = t.failure, leased_until = null,
          lease = case when t.state <> 'waiting' then r.lease end
      from told t
      where r.broadcast_id = p_broadcast_id and r.user_id = t.user_id and r.lease = t.lease
        and r.state in ('sending', 'unclear')
      returning r.telegram_id, r.state
  )
  update public.telegram_accounts a set reachable = false
    from marked m where m.state = 'blocked' and a.telegram_id = m.telegram_id and a.reachable;
  if p_pause_seconds > 0 then
    update public.send_budget
      set shut_until = greatest(shut_until, clock_timestamp() + make_interval(secs => p_pause_seconds)) where id = 1;
  end if;
  if p_halt then
    update public.broadcasts set status = 'paused', halted = true where id = p_broadcast_id and status = 'sending';
  end if;
  return '{}'::jsonb;
end $$;

-- What one process at a time, `p_holder` for `p_seconds`, shows to admins. `settled`: nothing of it is
-- being sent any more, the final word may go out. Beside it, of those who got what was told 30 days ago a few
-- thousand rows go: for each broadcast there is one for everybody, and its numbers are kept without them.
create function public.tend_broadcasts(p_holder text, p_seconds int) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if not (public.take_lock('broadcasts', p_holder, p_seconds) ->> 'held')::boolean then
    return jsonb_build_object('held', false, 'items', '[]'::jsonb);
  end if;
  update public.broadcasts b set status = 'finished', ended_at = clock_timestamp()
    where b.status = 'sending'
      and (select r.user_id from public.broadcast_recipients r
           where r.broadcast_id = b.id and r.state = 'waiting' order by r.user_id limit 1) is null
      and (select r.user_id from public.broadcast_recipients r
           where r.broadcast_id = b.id and r.state = 'sending' order by r.leased_until limit 1) is null;
  delete from public.broadcast_recipients d where d.ctid = any (array(
    select o.ctid from public.broadcasts b
    cross join lateral (select r.ctid from public.broadcast_recipients r where r.broadcast_id = b.id limit 5000) o
    where b.told_at < now() - interval '30 days' limit 5000));
  return jsonb_build_object('held', true, 'items', (
    select coalesce(jsonb_agg(public._broadcast(b, null) || jsonb_build_object(
             'settled', b.status in ('stopped', 'finished') and not exists (
               select from public.broadcast_recipients r where r.broadcast_id = b.id and r.state = 'sending'),
             'screens', (
               select coalesce(jsonb_agg(jsonb_build_object(
                        'chat_id', a.telegram_id, 'message_id', s.value,
                        'language', public._language(u.language, a.language_code))), '[]'::jsonb)
               from jsonb_each(b.screens) s
               join public.telegram_accounts a on a.telegram_id = s.key::bigint
               join public.users u on u.id = a.user_id
               where public._level(u) = 'admin'))
             order by b.id), '[]'::jsonb)
    from (select * from public.broadcasts
          where status in ('sending', 'paused') or status in ('stopped', 'finished') and told_at is null
          order by id limit 20) b));
end $$;

-- The screens show the end: its counts are final now, and the admin gets a notice.
create function public.broadcast_told(p_id bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  b public.broadcasts;
begin
  update public.broadcasts t
    set counts = public._broadcast_counts(t), told_at = clock_timestamp(), screens = '{}'::jsonb
    where t.id = p_id and t.status in ('stopped', 'finished') and t.told_at is null returning * into b;
  if found and exists (select from public.users where id = b.admin_id) then
    perform public._put_notice(b.admin_id, 'broadcast', public._broadcast(b, b.admin_id), 'broadcast:' || b.id);
  end if;
  return '{}'::jsonb;
end $$;

select public._close_door(
  array['broadcasts', 'broadcast_recipients'],
  array['_audience', '_broadcast_counts', '_broadcast', '_a_broadcast',
        'draft_broadcast', 'drop_broadcast', 'set_broadcast_audience', 'confirm_broadcast', 'change_broadcast',
        'get_broadcast', 'list_broadcasts', 'watch_broadcast', 'claim_broadcast_sends', 'mark_broadcast_sends',
        'tend_broadcasts', 'broadcast_told']);
