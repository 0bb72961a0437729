-- Turns: the queue of visions that wait for an answer (a queue row *is* the lease), the answer, and
-- its delivery. Locks are taken in one order everywhere: the vision, then its queue row.

create table public.tokenscount (
  id bigserial primary key,
  clientid text,
  clienttype text,
  provider text,
  model text,
  prompttokens int,
  completiontokens int,
  totaltokens int,
  rawusage jsonb,
  meta jsonb,
  createdat timestamptz not null default now()
);
create index tokenscount_clientid on public.tokenscount (clientid, createdat);
create unique index tokenscount_call_key on public.tokenscount ((meta ->> 'call_key')) where meta ? 'call_key';

create table public.turn_queue (
  vision_id uuid primary key references public.visions (id) on delete cascade,
  user_id text not null,
  run_at timestamptz not null default now(),
  queued_at timestamptz not null default now(),
  attempts int not null default 0,
  lease text,
  lease_by text,
  draft_id bigint,
  upto bigint,
  edited bigint,
  stop_requested boolean not null default false,
  failed_at timestamptz
);
comment on column public.turn_queue.user_id is 'No reference of its own: it goes with the vision';
comment on column public.turn_queue.run_at is 'When it may be claimed: the end of a running lease; infinity once it failed';
comment on column public.turn_queue.upto is 'The newest message that the running turn has read';
comment on column public.turn_queue.edited is 'A message that was edited since the running turn has read it';
create index turn_queue_run_at on public.turn_queue (run_at);
create index turn_queue_lease on public.turn_queue (lease) where lease is not null;

create table public.deliveries (
  id bigint generated always as identity primary key,
  message_id bigint not null unique references public.vision_messages (id) on delete cascade,
  user_id text not null,
  vision_id uuid not null,
  thread_id bigint,
  run_at timestamptz not null default now(),
  attempts int not null default 0,
  attempting_at timestamptz,
  lease text,
  delivered_at timestamptz,
  failed_at timestamptz,
  failure text,
  holds boolean not null default true,
  unasked boolean not null default false,
  unclear smallint not null default 0,
  receipts bigint[] not null default '{}',
  created_at timestamptz not null default now()
);
comment on column public.deliveries.user_id is 'Neither it nor vision_id is a reference: they go with the message';
comment on column public.deliveries.holds is 'Later words wait for it; not for a voice, which takes long to be made';
comment on column public.deliveries.unasked is 'What nobody waits for: it goes after all answers, and within the send budget';
comment on column public.deliveries.unclear is 'How often it may have arrived although Telegram''s answer did not';
comment on column public.deliveries.receipts is 'Telegram ids of the pieces that have been sent, in order';
-- To the planner hardly anything ever waits, so reading a whole index of what does looks cheaper to
-- it than any search. Therefore conditions are spelled so that each query fits one of these alone: the
-- first for the next ones of all, the second for those of a person; by id neither.
create index deliveries_waiting on public.deliveries (unasked, id) where coalesce(delivered_at, failed_at) is null;
create index deliveries_user_waiting on public.deliveries (user_id, id) where delivered_at is null;

create function public.log_tokens(
  p_clientid text, p_clienttype text, p_provider text, p_model text, p_prompttokens int,
  p_completiontokens int, p_totaltokens int, p_rawusage jsonb, p_meta jsonb, p_call_key text
) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if p_clienttype = 'user' then
    -- Whoever has another id by now is counted by that one, and whoever is forgotten while a call of theirs
    -- is under way is not named by it; see `accept_account_link` and `finish_erasure`.
    perform from public.users where id = p_clientid for key share;
    if not found then
      p_clientid := public._present_id(p_clientid);
      perform from public.users where id = p_clientid for key share;
    end if;
    if not found then
      p_clientid := null;
      p_meta := p_meta - 'visionid';
    end if;
  end if;
  insert into public.tokenscount
      (clientid, clienttype, provider, model, prompttokens, completiontokens, totaltokens, rawusage, meta)
    values (p_clientid, p_clienttype, p_provider, p_model, p_prompttokens, p_completiontokens, p_totaltokens,
            p_rawusage, coalesce(p_meta, '{}'::jsonb) || jsonb_build_object('call_key', p_call_key))
    on conflict do nothing;
  if found then perform public._count_call(p_clientid, p_totaltokens, (p_meta ->> 'usd')::numeric); end if;
  return '{}'::jsonb;
end $$;

-- Something waits for an answer. A running turn is only told (it may still join); a failed one gets
-- a new chance; one that waits for the rest of a bunch waits on, but no longer than 3 s in all.
-- Whoever calls it tells the channel `turns`, which carries `<vision>:<newest message>`,
-- `<vision>:edited:<message>` or `stop:<lease>`. For a received message that is its process, once it
-- is stored: transactions with NOTIFY commit one at a time, each with its own flush to the disk.
create function public._queue_turn(v public.visions, p_delay_ms int) returns void
language plpgsql set search_path = '' as $$
declare
  v_at timestamptz := clock_timestamp() + make_interval(secs => least(greatest(p_delay_ms, 0), 2000) / 1000.0);
begin
  insert into public.turn_queue as q (vision_id, user_id, run_at, queued_at)
    values (v.id, v.user_id, v_at, clock_timestamp())
    on conflict (vision_id) do update set
      run_at = case when q.failed_at is not null then excluded.run_at
                    when q.lease is not null then q.run_at
                    else least(excluded.run_at, q.queued_at + interval '3 seconds') end,
      queued_at = case when q.failed_at is not null then excluded.queued_at else q.queued_at end,
      attempts = case when q.failed_at is not null then 0 else q.attempts end,
      failed_at = null;
end $$;

-- Words for the channel `turns`, about what is stored already: they need not reach the disk.
create function public.tell_turns(p_words text[]) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform pg_catalog.set_config('synchronous_commit', 'off', true);
  perform pg_notify('turns', w) from unnest(p_words) w;
  return '{}'::jsonb;
end $$;

-- All that a turn needs. The person's own words are cut at `p_characters` in all; what was read in
-- pictures and documents has its own limits, counts for a hundred each, and no file that is still
-- to be read is left out. `characters` counts all of it, `upto` is the last message that the answer
-- will stand for, `cared` that somebody in danger was lately given the answer of care in it. It is
-- json and not jsonb, here and in what hands it on: written once and read by nobody here, it is
-- made in three quarters of the time.
create function public._turn(v public.visions, q public.turn_queue, p_history int, p_characters int) returns json
language plpgsql stable set search_path = '' as $$
declare
  f record;
  v_user json;
  v_history json;
  v_cared boolean;
begin
  select max(u.anchor) as upto, count(*) as count, sum(u.length) as characters,
         (array_agg((u.origin ->> 'thread_id')::bigint order by u.anchor desc))[1] as thread_id,
         coalesce(json_agg(json_build_object(
             'sender', 'user', 'type', u.type,
             'content', case when u.type in ('image', 'file') then u.content
                             else left(u.content, greatest(p_characters - u.before, 0)::int) end,
             'id', u.id, 'files', (select jsonb_agg(e - 'said' order by n)
                                   from jsonb_array_elements(u.files) with ordinality as t (e, n)))
             order by u.anchor)
           filter (where u.before < p_characters or jsonb_path_exists(u.files, '$[*] ? (!exists(@.state))')),
           '[]'::json) as messages
    into f
    from (
      select n.*, sum(n.length) over (order by n.anchor) - n.length as before
      from (
        select m.id, m.anchor, m.origin, m.type, m.content, m.payload -> 'files' as files,
               case when m.type in ('image', 'file') then least(char_length(m.content), 100)
                    else char_length(m.content) end as length
        from public.vision_messages m
        where m.vision_id = v.id and m.anchor > v.answered_anchor and m.sender = 'user'
        order by m.anchor limit 1000) n) u;
  select json_build_object('user_id', u.id, 'language', public._language(u.language, a.language_code),
                           'timezone', u.timezone, 'voice', u.voice, 'name', a.first_name, 'chat_id', a.telegram_id)
    into v_user
    from public.users u left join public.telegram_accounts a on a.user_id = u.id
    where u.id = v.user_id order by a.seen_at desc limit 1;
  select coalesce(json_agg(json_build_object(
           'sender', e.sender, 'type', e.type,
           'content', case when char_length(e.content) > 6000
                           then left(e.content, 4000) || ' […] ' || right(e.content, 1900)
                           else e.content end)
           order by e.anchor, e.part), '[]'::json), coalesce(bool_or(e.care), false)
    into v_history, v_cared
    from (
      select m.anchor, m.part, m.sender, m.type,
             case when m.type = 'file_result' then concat_ws(E'\n', m.payload ->> 'name', m.content)
                  else m.content end as content,
             case when m.sender = 'assistant' and m.created_at > now() - interval '3 days' then m.payload ? 'care' end as care
      from public.vision_messages m
      where m.vision_id = v.id and m.sender <> 'system'
        and (m.anchor <= v.answered_anchor or m.sender <> 'user')
      order by m.anchor desc, m.part desc limit p_history) e;
  return json_build_object(
    'vision_id', v.id, 'lease', q.lease, 'attempt', q.attempts, 'draft_id', q.draft_id,
    'stop_requested', q.stop_requested,
    'waited_seconds', round(extract(epoch from clock_timestamp() - q.queued_at), 3),
    'title', v.title, 'vision_created_at', v.created_at, 'user', v_user,
    'upto', f.upto, 'thread_id', f.thread_id, 'count', f.count, 'characters', f.characters,
    'unanswered', f.messages, 'history', v_history, 'cared', v_cared);
end $$;

-- Takes up to `p_limit` turns for `p_lease_seconds`. A row whose vision is hidden or answered goes, one
-- that there is no room for today waits for its person; `passed` counts both.
create function public.claim_turns(
  p_worker text, p_limit int, p_lease_seconds int, p_history int, p_characters int
) returns json
language plpgsql security definer set search_path = '' as $$
declare
  q public.turn_queue;
  v public.visions;
  v_turns json[] := '{}';
  v_passed int := 0;
  v_spent boolean;
  v_limit jsonb;
begin
  for q in
    select * from public.turn_queue where run_at <= clock_timestamp()
    order by run_at limit p_limit for update skip locked
  loop
    select * into v from public.visions where id = q.vision_id;
    if v.status = 'deleted' or v.last_anchor <= v.answered_anchor then
      delete from public.turn_queue where vision_id = q.vision_id;
      v_passed := v_passed + 1;
      continue;
    end if;
    v_spent := coalesce(v_spent, public._budget_spent());
    v_limit := public._turn_limit(v.user_id, v_spent);
    if v_limit is not null then
      perform public._fail_limited(v, v_limit);
      v_passed := v_passed + 1;
      continue;
    end if;
    update public.turn_queue
      set run_at = clock_timestamp() + make_interval(secs => p_lease_seconds), attempts = attempts + 1,
          lease = gen_random_uuid()::text, lease_by = p_worker,
          draft_id = v.last_anchor % 2000000000 + 1, upto = v.last_anchor, edited = null
      where vision_id = q.vision_id returning * into q;
    v_turns := v_turns || public._turn(v, q, p_history, p_characters);
  end loop;
  return json_build_object('turns', v_turns, 'passed', v_passed);
end $$;

-- The same turn with what has come meanwhile.
create function public.reload_turn(p_vision_id text, p_lease text, p_history int, p_characters int) returns json
language plpgsql security definer set search_path = '' as $$
declare
  q public.turn_queue;
  v public.visions;
begin
  select * into v from public.visions where id = p_vision_id::uuid for update;
  update public.turn_queue set upto = v.last_anchor, edited = null
    where vision_id = p_vision_id::uuid and lease = p_lease returning * into q;
  if not found then perform public._fail('PT423', 'lease_lost'); end if;
  if v.status = 'deleted' then perform public._fail('PT410', 'vision_deleted'); end if;
  return public._turn(v, q, p_history, p_characters);
end $$;

-- One call keeps all leases of a worker alive. `held` says which still hold, and for each what a lost
-- or missing notification would have said: {stop, newest: message, edited: message or null}.
create function public.renew_leases(p_leases text[], p_lease_seconds int) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_held jsonb;
begin
  with mine as (
    select q.vision_id from public.turn_queue q
    where q.lease = any (p_leases) and q.failed_at is null
      and exists (select from public.visions v where v.id = q.vision_id and v.status <> 'deleted')
    order by q.vision_id for update
  ), renewed as (
    update public.turn_queue q set run_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
    from mine where q.vision_id = mine.vision_id
    returning q.vision_id, q.lease, q.stop_requested, q.edited
  )
  select coalesce(jsonb_object_agg(r.lease, jsonb_build_object(
           'stop', r.stop_requested, 'newest', v.last_anchor, 'edited', r.edited)), '{}'::jsonb)
    into v_held from renewed r join public.visions v on v.id = r.vision_id;
  return jsonb_build_object('held', v_held);
end $$;

-- Earlier words of this person that the next ones of `p_turn` have to wait for, its own that wait
-- among them. What was said unasked and is not being sent yet stands back.
create function public._words_wait(p_user_id text, p_turn text) returns boolean
language sql stable set search_path = '' as $$
  select exists (
    select from public.deliveries d join public.vision_messages m on m.id = d.message_id
    where d.user_id = p_user_id and d.delivered_at is null and d.failed_at is null and d.run_at < 'infinity'
      and d.holds and (not d.unasked or d.lease is not null) and (m.turn is distinct from p_turn or d.lease is null))
$$;

-- Stored words of the companion or the system are on their way from this moment on: leased to the
-- caller at once, who gets the delivery; unless earlier words of another turn still wait, which go
-- first. Two turns of one person that end at one moment come one after the other.
create function public._add_delivery(
  p_message_id bigint, v public.visions, p_turn text, p_thread_id bigint, p_deliver_seconds int
) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_waiting boolean;
  d public.deliveries;
begin
  perform pg_catalog.pg_advisory_xact_lock(hashtextextended('deliveries:' || v.user_id, 0));
  v_waiting := public._words_wait(v.user_id, p_turn);
  insert into public.deliveries
      (message_id, user_id, vision_id, thread_id, holds, run_at, attempts, attempting_at, lease)
    values (p_message_id, v.user_id, v.id, p_thread_id,
            (select m.type <> 'audio' from public.vision_messages m where m.id = p_message_id),
            clock_timestamp() + make_interval(secs => case when v_waiting then 0 else p_deliver_seconds end),
            case when v_waiting then 0 else 1 end,
            case when v_waiting then null else clock_timestamp() end,
            case when v_waiting then null else gen_random_uuid()::text end)
    returning * into d;
  return case when d.lease is not null then public._delivery(d) end;
end $$;

create function public._delivery(d public.deliveries) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'id', d.id, 'message_id', d.message_id, 'lease', d.lease, 'attempt', d.attempts, 'user_id', d.user_id,
    'vision_id', d.vision_id, 'vision_title', v.title, 'current', u.active_vision_id is not distinct from v.id,
    'chat_id', a.telegram_id, 'thread_id', d.thread_id, 'language', public._language(u.language, a.language_code),
    'sender', m.sender, 'type', m.type, 'content', m.content, 'payload', m.payload, 'sent', to_jsonb(d.receipts),
    'unasked', d.unasked, 'unclear', d.unclear,
    'file', (select public._file(f) from public.files f where f.id = (m.payload ->> 'file_id')::uuid))
  from public.vision_messages m
  join public.visions v on v.id = d.vision_id
  join public.users u on u.id = d.user_id
  left join lateral (select * from public.telegram_accounts t where t.user_id = d.user_id
                     order by t.seen_at desc limit 1) a on true
  where m.id = d.message_id
$$;

create function public._leased_deliveries(p_turn text, p_vision_id uuid, p_anchor bigint) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(public._delivery(d) order by d.id), '[]'::jsonb)
  from public.vision_messages m join public.deliveries d on d.message_id = m.id
  where m.vision_id = p_vision_id and m.anchor >= p_anchor and m.turn = p_turn
    and d.lease is not null and d.attempts = 1
$$;

-- The answer is kept, its delivery begins, the lease is gone; all or nothing. `p_parts` is
-- {"items": [{sender, type, content, payload}, …]}; one with a `file` ({path, mime, size, meta}) brings the
-- file it gives the person, whose id joins its payload. What came meanwhile is queued as the next turn.
-- A repeat under the same lease returns what the first call returned. The deliveries returned are
-- the caller's to make for `p_deliver_seconds`; after that anybody may make them. None are returned
-- when earlier words of this person still wait.
create function public.complete_turn(
  p_vision_id text, p_lease text, p_upto bigint, p_thread_id bigint, p_parts jsonb, p_deliver_seconds int
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v public.visions;
  q public.turn_queue;
  v_part record;
  v_payload jsonb;
  v_message_id bigint;
  v_delivery jsonb;
  v_deliveries jsonb := '[]'::jsonb;
begin
  select * into v from public.visions where id = p_vision_id::uuid for update;
  if not found then perform public._fail('PT404', 'vision_not_found'); end if;
  select * into q from public.turn_queue where vision_id = v.id for update;
  if q.lease is distinct from p_lease and exists (
       select from public.vision_messages m
       where m.vision_id = v.id and m.anchor = p_upto and m.part = 1 and m.turn = p_lease) then
    return jsonb_build_object('deliveries', public._leased_deliveries(p_lease, v.id, p_upto), 'more', false);
  end if;
  if v.status = 'deleted' then perform public._fail('PT410', 'vision_deleted'); end if;
  if q.lease is distinct from p_lease or p_lease is null then perform public._fail('PT423', 'lease_lost'); end if;
  for v_part in select item, ordinality from jsonb_array_elements(p_parts -> 'items') with ordinality as t (item, ordinality) loop
    v_payload := coalesce(v_part.item -> 'payload', '{}'::jsonb);
    if v_part.item ? 'file' then
      v_payload := v_payload || jsonb_build_object('file_id', public._add_file(v, v_part.item -> 'file'));
    end if;
    insert into public.vision_messages (vision_id, anchor, part, sender, type, content, payload, turn)
      values (v.id, p_upto, v_part.ordinality, v_part.item ->> 'sender', v_part.item ->> 'type',
              v_part.item ->> 'content', v_payload, p_lease)
      returning id into v_message_id;
    v_delivery := public._add_delivery(v_message_id, v, p_lease, p_thread_id, p_deliver_seconds);
    if v_delivery is not null then v_deliveries := v_deliveries || v_delivery; end if;
  end loop;
  update public.visions
    set answered_anchor = p_upto, last_message_at = now(),
        messages = messages + (select count(*) from jsonb_array_elements(p_parts -> 'items') i where i ->> 'sender' = 'assistant')
    where id = v.id;
  if v.last_anchor > p_upto then
    update public.turn_queue
      set run_at = clock_timestamp(), queued_at = clock_timestamp(), attempts = 0, lease = null, lease_by = null,
          stop_requested = false
      where vision_id = v.id;
    perform pg_notify('turns', v.id::text || ':' || v.last_anchor);
  else
    delete from public.turn_queue where vision_id = v.id;
  end if;
  return jsonb_build_object('deliveries', v_deliveries, 'more', v.last_anchor > p_upto);
end $$;

-- The model could not answer. The messages stay unanswered and unharmed, the turn waits for a
-- retry or a new message, and the person is told by a notice of the system.
create function public.fail_turn(
  p_vision_id text, p_lease text, p_thread_id bigint, p_payload jsonb, p_deliver_seconds int
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v public.visions;
  v_id bigint := nextval('public.vision_messages_id_seq');
  v_before bigint;
begin
  select * into v from public.visions where id = p_vision_id::uuid for update;
  if not found then perform public._fail('PT404', 'vision_not_found'); end if;
  select min(id) into v_before from public.vision_messages m
    where m.vision_id = v.id and m.anchor >= v.last_anchor and m.turn = p_lease;
  if v_before is not null then
    return jsonb_build_object('deliveries', public._leased_deliveries(p_lease, v.id, v_before));
  end if;
  if v.status = 'deleted' then perform public._fail('PT410', 'vision_deleted'); end if;
  update public.turn_queue
    set run_at = 'infinity', failed_at = now(), lease = null, lease_by = null, stop_requested = false
    where vision_id = v.id and lease = p_lease;
  if not found then perform public._fail('PT423', 'lease_lost'); end if;
  insert into public.vision_messages (id, vision_id, anchor, sender, type, payload, turn)
    values (v_id, v.id, v_id, 'system', 'info', p_payload, p_lease);
  perform public._add_delivery(v_id, v, p_lease, p_thread_id, p_deliver_seconds);
  return jsonb_build_object('deliveries', public._leased_deliveries(p_lease, v.id, v_id));
end $$;

-- Gives a turn back untouched, for another worker.
create function public.release_turn(p_vision_id text, p_lease text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.turn_queue
    set run_at = clock_timestamp(), lease = null, lease_by = null, attempts = greatest(attempts - 1, 0)
    where vision_id = p_vision_id::uuid and lease = p_lease;
  perform pg_notify('turns', p_vision_id || ':0');
  return '{}'::jsonb;
end $$;

-- «Повторить». state: `queued`, `running` (it is being answered right now), `answered`, or `limited` with
-- `reason` and `until`.
create function public.retry_turn(p_user_id text, p_vision_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v public.visions := public._own_vision(p_user_id, p_vision_id::uuid);
  q public.turn_queue;
  v_limit jsonb;
begin
  if v.status = 'deleted' then perform public._fail('PT410', 'vision_deleted'); end if;
  if v.last_anchor <= v.answered_anchor then return jsonb_build_object('state', 'answered'); end if;
  if v.status = 'frozen' then perform public._fail('PT409', 'vision_frozen'); end if;
  select * into q from public.turn_queue where vision_id = v.id for update;
  if q.lease is not null and q.run_at > clock_timestamp() then return jsonb_build_object('state', 'running'); end if;
  v_limit := public._turn_limit(v.user_id, public._budget_spent());
  if v_limit is not null then return v_limit || jsonb_build_object('state', 'limited'); end if;
  perform public._queue_turn(v, 0);
  perform pg_notify('turns', v.id::text || ':' || v.last_anchor);
  return jsonb_build_object('state', 'queued');
end $$;

-- Stop what the companion is saying: the draft the person pressed Stop on, or (null) all of theirs.
create function public.stop_turns(p_user_id text, p_draft_id bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_leases jsonb;
  v_lease text;
begin
  perform public._admit(p_user_id);
  with theirs as (
    select q.vision_id from public.visions v join public.turn_queue q on q.vision_id = v.id
    where v.user_id = p_user_id and q.lease is not null and (p_draft_id is null or q.draft_id = p_draft_id)
    order by q.vision_id for update of q
  ), stopped as (
    update public.turn_queue q set stop_requested = true
    from theirs where q.vision_id = theirs.vision_id returning q.lease
  )
  select coalesce(jsonb_agg(lease), '[]'::jsonb) into v_leases from stopped;
  for v_lease in select jsonb_array_elements_text(v_leases) loop
    perform pg_notify('turns', 'stop:' || v_lease);
  end loop;
  return jsonb_build_object('leases', v_leases);
end $$;

-- What the bot may still say unasked: a bucket that holds a quarter of a second's worth and refills by
-- three, so that no second sees more than one second's worth. One row: one database serves one bot.
create table public.send_budget (
  id int primary key default 1 check (id = 1),
  tokens double precision not null default 0,
  refilled_at timestamptz not null default now(),
  shut_until timestamptz not null default '-infinity'
);
comment on column public.send_budget.shut_until is 'Telegram asked for a pause until then';
insert into public.send_budget default values;

-- How many of `p_limit` unasked sends the budget allows now; it stays locked for whoever asked, who
-- takes from it what is really sent. Others are told none meanwhile. The answers of the last second are counted
-- against it, so that they go first; they are looked for among the newest deliveries, never in all.
create function public._sends_allowed(p_limit int, p_per_second int) returns int
language plpgsql set search_path = '' as $$
declare
  b public.send_budget;
  v_now timestamptz := clock_timestamp();
  v_tokens double precision;
  v_answers int;
begin
  select * into b from public.send_budget where id = 1 for update skip locked;
  if not found or b.shut_until > v_now then return 0; end if;
  select count(*) into v_answers
    from (select n.unasked, n.attempting_at from public.deliveries n order by n.id desc limit 8 * p_per_second) n
    where not n.unasked and n.attempting_at > v_now - interval '1 second';
  v_tokens := least(b.tokens + extract(epoch from v_now - b.refilled_at) * p_per_second * 0.75,
                    greatest(p_per_second * 0.25, 1));
  update public.send_budget set tokens = v_tokens, refilled_at = v_now where id = 1;
  return greatest(least(p_limit, floor(v_tokens)::int, p_per_second - v_answers), 0);
end $$;

create function public._lease_delivery(p_id bigint, p_lease_seconds int) returns jsonb
language plpgsql set search_path = '' as $$
declare
  d public.deliveries;
begin
  update public.deliveries
    set lease = gen_random_uuid()::text, attempts = attempts + 1, attempting_at = clock_timestamp(),
        run_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
    where id = p_id returning * into d;
  return public._delivery(d);
end $$;

-- The next words on their way: for each person only the oldest, so that order is kept. What is said
-- unasked comes last, as far as `p_per_second` allows for all processes together; `unasked` says
-- whether more of it waits. `offset 0` has the earlier words of each person searched for, not joined.
create function public.claim_deliveries(p_limit int, p_lease_seconds int, p_per_second int) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  d public.deliveries;
  v_items jsonb := '[]'::jsonb;
  v_count int := 0;
  v_sends int;
  v_taken int := 0;
  v_unasked boolean;
begin
  for d in
    select w.* from public.deliveries w
    where coalesce(w.delivered_at, w.failed_at) is null and w.run_at <= clock_timestamp() and not w.unasked
      and not exists (
        select from public.deliveries o
        where o.user_id = w.user_id and o.id <> w.id and o.delivered_at is null and o.failed_at is null
          and o.run_at < 'infinity' and o.holds
          and (o.id < w.id and not o.unasked or o.unasked and o.lease is not null) offset 0)
    order by w.id limit p_limit for update skip locked
  loop
    v_items := v_items || public._lease_delivery(d.id, p_lease_seconds);
    v_count := v_count + 1;
  end loop;
  v_unasked := exists (
    select from public.deliveries w
    where coalesce(w.delivered_at, w.failed_at) is null and w.run_at <= clock_timestamp() and w.unasked);
  if v_unasked and v_count < p_limit then
    v_sends := public._sends_allowed(p_limit - v_count, p_per_second);
    for d in
      select w.* from public.deliveries w
      where coalesce(w.delivered_at, w.failed_at) is null and w.run_at <= clock_timestamp() and w.unasked
        and not exists (
          select from public.deliveries o
          where o.user_id = w.user_id and o.id <> w.id and o.delivered_at is null and o.failed_at is null
            and o.run_at < 'infinity' and o.holds
            and (not o.unasked or o.id < w.id or o.lease is not null) offset 0)
      order by w.id limit v_sends for update skip locked
    loop
      v_items := v_items || public._lease_delivery(d.id, p_lease_seconds);
      -- A long one goes in several messages.
      v_taken := v_taken + 1 + (select char_length(m.content) / 4000 from public.vision_messages m where m.id = d.message_id);
      exit when v_taken >= v_sends;
    end loop;
    if v_taken > 0 then
      update public.send_budget set tokens = tokens - v_taken where id = 1;
    end if;
  end if;
  return jsonb_build_object('deliveries', v_items, 'unasked', v_unasked);
end $$;

-- Words of the companion that nobody has asked for (a reminder, say): an anchor of their own, so that
-- they stand where they were said. Once for each key.
create function public.say_unasked(
  p_user_id text, p_vision_id text, p_content text, p_payload jsonb, p_source_key text
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v public.visions := public._own_vision(p_user_id, p_vision_id::uuid);
  v_id bigint;
begin
  if v.status <> 'active' then perform public._fail('PT409', 'vision_not_active'); end if;
  v_id := nextval('public.vision_messages_id_seq');
  insert into public.vision_messages (id, vision_id, anchor, sender, type, content, payload, source_key)
    values (v_id, v.id, v_id, 'assistant', 'text', p_content, coalesce(p_payload, '{}'::jsonb), p_source_key)
    on conflict do nothing;
  if not found then
    select id into v_id from public.vision_messages where source_key = p_source_key and vision_id = v.id;
    if not found then perform public._fail('PT409', 'said_elsewhere'); end if;
  else
    insert into public.deliveries (message_id, user_id, vision_id, unasked) values (v_id, v.user_id, v.id, true);
    update public.visions set last_message_at = now(), messages = messages + 1 where id = v.id;
    perform pg_notify('deliveries', '');
  end if;
  return jsonb_build_object('message_id', v_id);
end $$;

-- Something of this person has left the way: if more waits, whoever listens on the channel
-- `deliveries` shall look.
create function public._next_delivery(p_user_id text) returns void
language plpgsql set search_path = '' as $$
begin
  if exists (select from public.deliveries
             where user_id = p_user_id and delivered_at is null and failed_at is null and lease is null
               and run_at <= clock_timestamp()) then
    perform pg_notify('deliveries', '');
  end if;
end $$;

-- Every step of a delivery answers PT423 to a worker that no longer holds it.
create function public._own_delivery(p_id bigint, p_lease text) returns void
language plpgsql set search_path = '' as $$
begin
  perform from public.deliveries where id = p_id and lease = p_lease for update;
  if not found then perform public._fail('PT423', 'lease_lost'); end if;
end $$;

-- Whoever is still at work on deliveries keeps them. `p_leases` is {delivery: lease}; says which hold.
create function public.renew_deliveries(p_leases jsonb, p_lease_seconds int) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_held jsonb;
begin
  with mine as (
    select d.id from public.deliveries d join jsonb_each_text(p_leases) l on d.id = l.key::bigint
    where d.lease = l.value and d.run_at < 'infinity'
    order by d.id for update of d
  ), renewed as (
    update public.deliveries d set run_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
    from mine where d.id = mine.id returning d.id
  )
  select coalesce(jsonb_agg(id), '[]'::jsonb) into v_held from renewed;
  return jsonb_build_object('held', v_held);
end $$;

-- One piece of a long message has been sent; after a crash the next one follows, not this one again.
create function public.record_piece(p_id bigint, p_lease text, p_index int, p_receipt bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform public._own_delivery(p_id, p_lease);
  update public.deliveries
    set receipts[p_index + 1] = p_receipt, run_at = greatest(run_at, clock_timestamp() + interval '30 seconds')
    where id = p_id;
  return '{}'::jsonb;
end $$;

-- What was sent is sent, whoever holds it by now: another worker stops at its next step.
create function public.mark_delivered(p_id bigint, p_receipts jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_user_id text;
begin
  update public.deliveries
    set delivered_at = clock_timestamp(), lease = null,
        receipts = array(select r::bigint from jsonb_array_elements_text(p_receipts -> 'ids') r)
    where id = p_id and coalesce(delivered_at, 'infinity') = 'infinity' returning user_id into v_user_id;
  if found then
    perform public._next_delivery(v_user_id);
  end if;
  return '{}'::jsonb;
end $$;

create function public.postpone_delivery(p_id bigint, p_lease text, p_seconds int, p_failure text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
begin
  perform public._own_delivery(p_id, p_lease);
  update public.deliveries
    set attempts = attempts - (p_failure = 'behind')::int, unclear = unclear + (p_failure = 'unclear')::int,
        run_at = greatest(clock_timestamp() + make_interval(secs => p_seconds),
                          case when run_at = 'infinity' then run_at end),
        lease = null, failure = left(p_failure, 200)
    where id = p_id;
  if p_failure = 'flood' then
    update public.send_budget
      set shut_until = greatest(shut_until, clock_timestamp() + make_interval(secs => p_seconds)) where id = 1;
  end if;
  return '{}'::jsonb;
end $$;

create function public.fail_delivery(p_id bigint, p_lease text, p_failure text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_user_id text;
begin
  perform public._own_delivery(p_id, p_lease);
  update public.deliveries set failed_at = clock_timestamp(), lease = null, failure = left(p_failure, 200)
    where id = p_id returning user_id into v_user_id;
  perform public._next_delivery(v_user_id);
  return '{}'::jsonb;
end $$;

-- The voice of an answer has been made: its delivery can be sent, and never costs a second time.
create function public.keep_voice(p_id bigint, p_lease text, p_content text, p_file jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  d public.deliveries;
  v public.visions;
begin
  select v1.* into v from public.visions v1 join public.deliveries d1 on d1.vision_id = v1.id
    where d1.id = p_id for update of v1;
  if v.status = 'deleted' then perform public._fail('PT410', 'vision_deleted'); end if;
  perform public._own_delivery(p_id, p_lease);
  update public.vision_messages m
    set content = p_content, payload = payload || jsonb_build_object('file_id', public._add_file(v, p_file))
    from public.deliveries o where o.id = p_id and m.id = o.message_id;
  update public.deliveries
    set run_at = case when run_at < 'infinity' then greatest(run_at, clock_timestamp() + interval '30 seconds')
                      else run_at end
    where id = p_id returning * into d;
  return jsonb_build_object('delivery', public._delivery(d));
end $$;

select public._close_door(
  array['tokenscount', 'turn_queue', 'deliveries', 'send_budget'],
  array['log_tokens', '_queue_turn', 'tell_turns', '_turn', 'claim_turns', 'reload_turn', 'renew_leases', '_words_wait',
        '_add_delivery', '_delivery', '_leased_deliveries', 'complete_turn', 'fail_turn', 'release_turn', 'retry_turn',
        'stop_turns', '_sends_allowed', '_lease_delivery', 'claim_deliveries', 'say_unasked', '_next_delivery',
        '_own_delivery', 'renew_deliveries', 'record_piece', 'mark_delivered', 'postpone_delivery', 'fail_delivery',
        'keep_voice']);
