-- Numbers for the operators: how many came, wrote, were answered, how fast and at what price. Nobody's
-- words. All days are UTC. What happened counts for the day on which it happened, by the database's
-- clock: an answer of 23:59 that is delivered after midnight is one of the first day, its delay one of the
-- second. Therefore nothing is added to a day that is over, and what has been counted is never read again.

create table public.statistics_state (
  id int primary key default 1 check (id = 1),
  upto timestamptz
);
comment on column public.statistics_state.upto is 'All that happened before it is counted; null before the first time';
insert into public.statistics_state default values;

create table public.statistics_days (
  day date primary key,
  active int not null,
  newcomers int not null,
  messages int not null,
  answers int not null,
  failed_turns int not null,
  failed_deliveries int not null
);
comment on column public.statistics_days.active is 'People who wrote something on this day';
comment on column public.statistics_days.messages is 'Of people, those among them that wait for a vision';
comment on column public.statistics_days.failed_deliveries is 'Without those to people who have blocked the bot, or were blocked by an admin';

-- Answers by the seconds from the message that they stand after to the delivery of their first words.
-- Bucket b holds what is above 0.1 · 1.1^(b-1) and up to 0.1 · 1.1^b; its middle is at most 4.9 % away.
create table public.statistics_delays (
  day date not null,
  bucket int not null,
  answers int not null,
  primary key (day, bucket)
);

create table public.statistics_calls (
  day date not null,
  model text not null,
  purpose text not null,
  calls int not null,
  prompttokens bigint not null,
  completiontokens bigint not null,
  tokens bigint not null,
  seconds double precision not null,
  usd numeric,
  unpriced int not null,
  primary key (day, model, purpose)
);
comment on column public.statistics_calls.seconds is 'Of sound, in calls that went well';
comment on column public.statistics_calls.usd is 'Null where no call had a price';
comment on column public.statistics_calls.unpriced is 'Calls that spent something and had no price';

-- Bit n of `days`: they wrote something n days before `last_day`. 62 bits are two months, a period of at most
-- 31 days and the one before it.
create table public.active_people (
  user_id text primary key references public.users (id) on delete cascade,
  last_day date not null,
  days bigint not null
);

create index vision_messages_created_at on public.vision_messages (created_at);
create index held_messages_created_at on public.held_messages (created_at);
create index deliveries_delivered_at on public.deliveries (delivered_at) where delivered_at is not null;
create index deliveries_failed_at on public.deliveries (failed_at) where failed_at is not null;
create index tokenscount_createdat on public.tokenscount (createdat);
create index usage_days_day on public.usage_days (day);

create function public._day(p_at timestamptz) returns date
language sql immutable set search_path = '' as $$ select (p_at at time zone 'UTC')::date $$;

create function public._midnight(p_day date) returns timestamptz
language sql immutable set search_path = '' as $$ select p_day::timestamp at time zone 'UTC' $$;

-- Who wrote something from one moment until right before the other. Words that wait for their vision keep
-- the moment at which they were written when they are sent on.
create function public._wrote(p_from timestamptz, p_to timestamptz) returns setof text
language sql stable set search_path = '' as $$
  select v.user_id
  from public.vision_messages m join public.visions v on v.id = m.vision_id
  where m.created_at >= p_from and m.created_at < p_to and m.sender = 'user'
  union
  select h.user_id from public.held_messages h where h.created_at >= p_from and h.created_at < p_to
$$;

-- The first words that the companion itself says in a turn. A view, for the planner looks through it; the
-- parts are asked for so that it is not led to the index in which they come last.
create view public.first_words with (security_invoker = true) as
  select m.id, m.vision_id, m.anchor, m.created_at
  from public.vision_messages m
  where m.sender = 'assistant' and case m.part when 0 then false when 1 then true else not exists (
    select from public.vision_messages e
    where e.vision_id = m.vision_id and e.anchor = m.anchor and e.part > 0 and e.part < m.part
      and e.sender = 'assistant') end;
revoke all on public.first_words from public, anon, authenticated, service_role;

-- A part of one day, counted from the rows themselves; without active people, for they may be of others too.
create function public._counted(p_from timestamptz, p_to timestamptz) returns setof public.statistics_days
language sql stable set search_path = '' as $$
  select public._day(p_from), 0,
    (select count(*) from public.users u where u.created_at >= p_from and u.created_at < p_to)::int,
    (s.messages + (select count(*) from public.held_messages h
                   where h.created_at >= p_from and h.created_at < p_to))::int,
    (select count(*) from public.first_words f where f.created_at >= p_from and f.created_at < p_to)::int,
    s.failed_turns::int,
    (select count(*) from public.deliveries d
     where d.failed_at >= p_from and d.failed_at < p_to and d.failure not in ('blocked', 'level'))::int
  from (
    select count(*) filter (where m.sender = 'user') as messages,
           count(*) filter (where m.sender = 'system' and m.part = 0 and m.turn not like 'reading:%') as failed_turns
    from public.vision_messages m
    where m.created_at >= p_from and m.created_at < p_to and m.sender <> 'assistant') s
$$;

create function public._delays(p_from timestamptz, p_to timestamptz) returns setof public.statistics_delays
language sql stable set search_path = '' as $$
  select public._day(p_from), b.bucket, count(*)::int
  from public.deliveries d
  join public.first_words f on f.id = d.message_id
  join public.vision_messages asked on asked.id = f.anchor
  cross join lateral (
    select extract(epoch from d.delivered_at - greatest(
      asked.created_at, (asked.origin ->> 'sent_at')::timestamptz))::double precision as seconds) w
  cross join lateral (
    select least(greatest(ceil(ln(greatest(w.seconds, 0.1) / 0.1) / ln(1.1::double precision)), 0), 160)::int as bucket) b
  where d.delivered_at >= p_from and d.delivered_at < p_to
  group by b.bucket
$$;

create function public._calls(p_from timestamptz, p_to timestamptz) returns setof public.statistics_calls
language sql stable set search_path = '' as $$
  select public._day(p_from), left(coalesce(t.model, ''), 100), left(coalesce(t.meta ->> 'purpose', ''), 40),
    count(*)::int, coalesce(sum(t.prompttokens), 0)::bigint, coalesce(sum(t.completiontokens), 0)::bigint,
    coalesce(sum(t.totaltokens), 0)::bigint,
    coalesce(sum(case when t.meta ->> 'outcome' = 'ok' then n.seconds end), 0)::double precision,
    sum(n.usd),
    count(*) filter (where n.usd is null and (t.totaltokens > 0 or n.seconds > 0 or t.meta ? 'characters'))::int
  from public.tokenscount t
  cross join lateral (select
    case when jsonb_typeof(t.meta -> 'usd') = 'number' then (t.meta -> 'usd')::numeric end as usd,
    case when jsonb_typeof(t.meta -> 'audio_seconds') = 'number' then (t.meta -> 'audio_seconds')::numeric end as seconds) n
  where t.createdat >= p_from and t.createdat < p_to
  group by 2, 3
$$;

-- The moment up to which the next step counts: the end of a day at most, and no more than about
-- `p_rows` rows of a kind.
create function public._statistics_step(p_from timestamptz, p_until timestamptz, p_rows int) returns timestamptz
language sql stable set search_path = '' as $$
  select least(p_until, public._midnight(public._day(p_from) + 1), greatest(min(s.at), p_from + interval '1 second'))
  from (
    (select created_at as at from public.vision_messages where created_at >= p_from
     order by created_at offset p_rows limit 1)
    union all
    (select delivered_at from public.deliveries where delivered_at >= p_from order by delivered_at offset p_rows limit 1)
    union all
    (select createdat from public.tokenscount where createdat >= p_from order by createdat offset p_rows limit 1)
    union all select p_until) s
$$;

-- Counts what has happened since the last time, one step of it: all or nothing, so that a step cut off is
-- made again. The last minute is left for later, for a transaction that began in it may still be under way.
-- state: `done`, `more`, or `busy` where somebody else is at it.
create function public.count_statistics() returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_until timestamptz := now() - interval '1 minute';
  v_from timestamptz;
  v_to timestamptz;
  v_active int;
begin
  select s.upto into v_from from public.statistics_state s where s.id = 1 for update skip locked;
  if not found then return jsonb_build_object('state', 'busy'); end if;
  v_from := coalesce(v_from, public._midnight(public._day(least(
    (select min(created_at) from public.users), (select min(created_at) from public.vision_messages),
    (select min(created_at) from public.held_messages), (select min(createdat) from public.tokenscount)))));
  if v_from is null or v_from >= v_until then
    update public.statistics_state set upto = v_until where id = 1 and upto is null;
    return jsonb_build_object('state', 'done');
  end if;
  v_to := public._statistics_step(v_from, v_until, 8000);
  insert into public.statistics_days as d select * from public._counted(v_from, v_to)
    on conflict (day) do update set
      newcomers = d.newcomers + excluded.newcomers,
      messages = d.messages + excluded.messages, answers = d.answers + excluded.answers,
      failed_turns = d.failed_turns + excluded.failed_turns,
      failed_deliveries = d.failed_deliveries + excluded.failed_deliveries;
  insert into public.statistics_delays as d select * from public._delays(v_from, v_to)
    on conflict (day, bucket) do update set answers = d.answers + excluded.answers;
  insert into public.statistics_calls as c select * from public._calls(v_from, v_to)
    on conflict (day, model, purpose) do update set
      calls = c.calls + excluded.calls, prompttokens = c.prompttokens + excluded.prompttokens,
      completiontokens = c.completiontokens + excluded.completiontokens, tokens = c.tokens + excluded.tokens,
      seconds = c.seconds + excluded.seconds, unpriced = c.unpriced + excluded.unpriced,
      usd = case when c.usd is null then excluded.usd else c.usd + coalesce(excluded.usd, 0) end;
  insert into public.active_people as a (user_id, last_day, days)
    select w.user_id, public._day(v_from), 1 from public._wrote(v_from, v_to) w (user_id) order by w.user_id
    on conflict (user_id) do update set
      days = case when excluded.last_day - a.last_day < 62
                  then (a.days << (excluded.last_day - a.last_day)) & 4611686018427387903 | 1 else 1 end,
      last_day = excluded.last_day
    where a.last_day < excluded.last_day;
  get diagnostics v_active = row_count;
  update public.statistics_days set active = active + v_active where day = public._day(v_from);
  update public.statistics_state set upto = v_to where id = 1;
  return jsonb_build_object('state', case when v_to < v_until then 'more' else 'done' end);
end $$;

-- From which moment on rows have to be looked at, for what is not counted yet; `whole` unless that is so much
-- that it is left out.
create function public._uncounted(out since timestamptz, out whole boolean)
language sql stable set search_path = '' as $$
  select case when w.whole then s.upto else now() end, w.whole
  from public.statistics_state s cross join lateral (select coalesce(s.upto > now() - interval '1 hour', false) as whole) w
$$;

-- The days from `p_from` until right before `p_to` as they are counted, and the rows from `p_since` until right
-- before `p_till` beside them.
create function public._pieces(p_since timestamptz, p_till timestamptz)
returns table (since timestamptz, till timestamptz)
language sql stable set search_path = '' as $$
  select greatest(public._midnight(public._day(p_since) + n), p_since), least(public._midnight(public._day(p_since) + n + 1), p_till)
  from generate_series(0, public._day(p_till) - public._day(p_since)) n
  where p_since < p_till
$$;

create function public._numbers_of(p_from date, p_to date, p_since timestamptz, p_till timestamptz)
returns setof public.statistics_days
language sql stable set search_path = '' as $$
  select * from public.statistics_days where day >= p_from and day < p_to
  union all select c.* from public._pieces(p_since, p_till) p cross join lateral public._counted(p.since, p.till) c
$$;

create function public._delays_of(p_from date, p_to date, p_since timestamptz, p_till timestamptz)
returns setof public.statistics_delays
language sql stable set search_path = '' as $$
  select * from public.statistics_delays where day >= p_from and day < p_to
  union all select c.* from public._pieces(p_since, p_till) p cross join lateral public._delays(p.since, p.till) c
$$;

create function public._calls_of(p_from date, p_to date, p_since timestamptz, p_till timestamptz)
returns setof public.statistics_calls
language sql stable set search_path = '' as $$
  select * from public.statistics_calls where day >= p_from and day < p_to
  union all select c.* from public._pieces(p_since, p_till) p cross join lateral public._calls(p.since, p.till) c
$$;

-- The delay within which this share of the answers came, by nearest rank.
create function public._delay_within(p_share double precision, p_buckets int[], p_answers bigint[]) returns numeric
language sql immutable set search_path = '' as $$
  select round((0.1 * 1.1 ^ greatest(b.bucket - 0.5, 0))::numeric, 3)
  from (
    select bucket, sum(answers) over (order by bucket) as upto, sum(answers) over () as total
    from unnest(p_buckets, p_answers) t (bucket, answers)) b
  where b.upto >= ceil(b.total * p_share) order by b.bucket limit 1
$$;

-- Votes may change and be taken back, so they are never counted for good.
create function public._votes(p_from timestamptz, p_to timestamptz) returns table (day date, liked bigint, disliked bigint)
language plpgsql stable set search_path = '' as $$
begin
  return query
    select (v.created_at at time zone 'UTC')::date, count(*) filter (where v.vote > 0), count(*) filter (where v.vote < 0)
    from public.votes v where v.created_at >= p_from and v.created_at < p_to group by 1;
end $$;

create function public._sums(p_from date, p_to date, p_since timestamptz, p_till timestamptz) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'newcomers', n.newcomers, 'messages', n.messages, 'answers', n.answers,
    'failed_turns', n.failed_turns, 'failed_deliveries', n.failed_deliveries,
    'p50', d.p50, 'p95', d.p95, 'heard_seconds', c.heard, 'spoken_seconds', c.spoken,
    'tokens', c.tokens, 'usd', c.usd, 'unpriced', c.unpriced,
    'liked', v.liked, 'disliked', v.disliked)
  from (
    select coalesce(sum(newcomers), 0) as newcomers, coalesce(sum(messages), 0) as messages,
           coalesce(sum(answers), 0) as answers, coalesce(sum(failed_turns), 0) as failed_turns,
           coalesce(sum(failed_deliveries), 0) as failed_deliveries
    from public._numbers_of(p_from, p_to, p_since, p_till)) n,
  (
    select public._delay_within(0.5, array_agg(bucket), array_agg(answers)) as p50,
           public._delay_within(0.95, array_agg(bucket), array_agg(answers)) as p95
    from (select bucket, sum(answers) as answers from public._delays_of(p_from, p_to, p_since, p_till)
          group by bucket) b) d,
  (
    select coalesce(sum(seconds) filter (where purpose = 'hearing'), 0) as heard,
           coalesce(sum(seconds) filter (where purpose = 'speaking'), 0) as spoken,
           coalesce(sum(tokens), 0) as tokens, sum(usd) as usd, coalesce(sum(unpriced), 0) as unpriced
    from public._calls_of(p_from, p_to, p_since, p_till)) c,
  (
    select coalesce(sum(liked), 0) as liked, coalesce(sum(disliked), 0) as disliked
    from public._votes(public._midnight(p_from), greatest(public._midnight(p_to), p_till))) v
$$;

-- The last `p_days` days (1 to 31), today being one of them, and as many before, of which the last one ends
-- at the same time of day, so that equal spans are compared; a day of so many messages that reading it takes long
-- counts whole. `whole` is false while older days are still being counted.
create function public.read_numbers(p_admin_id text, p_days int) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_days int := least(greatest(p_days, 1), 31);
  v_today date := public._day(now());
  v_first date := v_today - v_days + 1;
  v_before date := v_first - v_days;
  v_end date := v_first - 1;
  v_till timestamptz := public._midnight(v_first - 1) + (now() - public._midnight(v_today));
  v_since timestamptz;
  v_whole boolean;
  v_now jsonb;
  v_earlier jsonb;
  v_active bigint;
  v_active_earlier bigint;
  v_came_back bigint;
begin
  perform public._admin(p_admin_id);
  select u.since, u.whole into v_since, v_whole from public._uncounted() u;
  v_since := greatest(v_since, public._midnight(v_first));
  if exists (select from public.statistics_days d where d.day = v_end and d.messages > 30000) then
    v_till := public._midnight(v_end);
    v_end := v_first;
  end if;
  v_now := public._sums(v_first, v_today + 1, v_since, now());
  v_earlier := public._sums(v_before, v_end, public._midnight(v_first - 1), v_till);
  select count(*) filter (where w.now), count(*) filter (where w.earlier), count(*) filter (where w.now and w.earlier)
    into v_active, v_active_earlier, v_came_back
    from (
      select coalesce(a.last_day >= v_first and a.days & ((1::bigint << (a.last_day - v_first + 1)) - 1) <> 0, false)
               or coalesce(r.now, false) as now,
             coalesce(v_end > v_before and a.days & ((1::bigint << (a.last_day - v_before + 1))
                 - (1::bigint << greatest(a.last_day - v_end + 1, 0))) <> 0, false)
               or coalesce(r.earlier, false) as earlier
      from (select * from public.active_people where last_day >= v_before) a
      full join (
        select y.user_id, bool_or(y.now) as now, bool_or(not y.now) as earlier
        from (select w, true from public._wrote(v_since, now()) w
              union all select w, false from public._wrote(public._midnight(v_first - 1), v_till) w) y (user_id, now)
        group by y.user_id) r on r.user_id = a.user_id) w;
  return jsonb_build_object(
    'first', v_first, 'last', v_today, 'at', now(), 'whole', v_whole,
    'now', v_now || jsonb_build_object('active', v_active, 'came_back', v_came_back),
    'before', v_earlier || jsonb_build_object('active', v_active_earlier),
    'models', public._shares('model', v_first, v_today + 1, v_since),
    'purposes', public._shares('purpose', v_first, v_today + 1, v_since));
end $$;

-- The twenty that cost most, or took most tokens.
create function public._shares(p_by text, p_from date, p_to date, p_since timestamptz) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object(
           'name', s.name, 'calls', s.calls, 'tokens', s.tokens, 'usd', s.usd, 'unpriced', s.unpriced)
         order by s.usd desc nulls last, s.tokens desc, s.name), '[]'::jsonb)
  from (
    select case p_by when 'model' then c.model else c.purpose end as name, sum(c.calls) as calls,
           sum(c.tokens) as tokens, sum(c.usd) as usd, sum(c.unpriced) as unpriced
    from public._calls_of(p_from, p_to, p_since, now()) c
    group by 1 order by usd desc nulls last, tokens desc, name limit 20) s
$$;

-- Each of the last `p_days` days (1 to 366), oldest first.
create function public.read_days(p_admin_id text, p_days int) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_today date := public._day(now());
  v_first date := v_today - least(greatest(p_days, 1), 366) + 1;
  v_since timestamptz;
  v_whole boolean;
begin
  perform public._admin(p_admin_id);
  select u.since, u.whole into v_since, v_whole from public._uncounted() u;
  v_since := greatest(v_since, public._midnight(v_first));
  return (
    with numbers as (
      select day, sum(active) as active, sum(newcomers) as newcomers, sum(messages) as messages, sum(answers) as answers,
             sum(failed_turns) as failed_turns, sum(failed_deliveries) as failed_deliveries
      from public._numbers_of(v_first, v_today + 1, v_since, now()) group by day
    ), young as (
      select public._day(p.since) as day, count(*) as active
      from public._pieces(v_since, now()) p cross join lateral public._wrote(p.since, p.till) w (user_id)
      where not exists (select from public.active_people a
                        where a.user_id = w.user_id and a.last_day = public._day(p.since))
      group by 1
    ), delays as (
      select day, array_agg(bucket) as buckets, array_agg(answers) as answers
      from (select day, bucket, sum(answers) as answers from public._delays_of(v_first, v_today + 1, v_since, now())
            group by day, bucket) b
      group by day
    ), calls as (
      select day, sum(tokens) as tokens, sum(usd) as usd, sum(unpriced) as unpriced,
             coalesce(sum(seconds) filter (where purpose = 'hearing'), 0) as heard,
             coalesce(sum(seconds) filter (where purpose = 'speaking'), 0) as spoken
      from public._calls_of(v_first, v_today + 1, v_since, now()) group by day
    )
    select jsonb_build_object('whole', v_whole, 'days', jsonb_agg(jsonb_build_object(
      'day', d.day, 'active', coalesce(n.active, 0) + coalesce(y.active, 0), 'newcomers', coalesce(n.newcomers, 0),
      'messages', coalesce(n.messages, 0), 'answers', coalesce(n.answers, 0),
      'failed_turns', coalesce(n.failed_turns, 0), 'failed_deliveries', coalesce(n.failed_deliveries, 0),
      'p50', public._delay_within(0.5, l.buckets, l.answers), 'p95', public._delay_within(0.95, l.buckets, l.answers),
      'heard_seconds', coalesce(c.heard, 0), 'spoken_seconds', coalesce(c.spoken, 0),
      'tokens', coalesce(c.tokens, 0), 'usd', c.usd, 'unpriced', coalesce(c.unpriced, 0),
      'liked', coalesce(v.liked, 0), 'disliked', coalesce(v.disliked, 0)) order by d.day))
    from (select v_first + n as day from generate_series(0, v_today - v_first) n) d
    left join numbers n on n.day = d.day
    left join young y on y.day = d.day
    left join delays l on l.day = d.day
    left join calls c on c.day = d.day
    left join public._votes(public._midnight(v_first), now()) v on v.day = d.day);
end $$;

-- The same days' calls by model and purpose, a page of at most 1000 rows, in the order of days.
create function public.read_calls(p_admin_id text, p_days int, p_offset int, p_limit int) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_today date := public._day(now());
  v_first date := v_today - least(greatest(p_days, 1), 366) + 1;
begin
  perform public._admin(p_admin_id);
  return jsonb_build_object('items', (
    select coalesce(jsonb_agg(to_jsonb(p) order by p.day, p.model, p.purpose), '[]'::jsonb)
    from (
      select c.day, c.model, c.purpose, sum(c.calls) as calls, sum(c.prompttokens) as prompt_tokens,
             sum(c.completiontokens) as completion_tokens, sum(c.tokens) as tokens, sum(c.usd) as usd,
             sum(c.unpriced) as unpriced
      from public._uncounted() u,
           public._calls_of(v_first, v_today + 1, greatest(u.since, public._midnight(v_first)), now()) c
      group by c.day, c.model, c.purpose order by c.day, c.model, c.purpose
      offset greatest(p_offset, 0) limit least(greatest(p_limit, 1), 1000)) p));
end $$;

-- Who took most tokens in the last `p_days` days (1 to 31). `ref` is what a button may say of them.
create function public.top_spenders(p_admin_id text, p_days int, p_offset int, p_limit int) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_first date := public._day(now()) - least(greatest(p_days, 1), 31) + 1;
begin
  perform public._admin(p_admin_id);
  perform pg_catalog.set_config('work_mem', '64MB', true);
  return (
    with spent as (
      select d.user_id, sum(d.tokens) as tokens
      from public.usage_days d where d.day >= v_first and d.tokens > 0 group by d.user_id
    ), known as (
      select s.* from spent s join public.users u on u.id = s.user_id
    ), page as (
      select k.*, (select sum(d.usd) from public.usage_days d where d.user_id = k.user_id and d.day >= v_first) as usd
      from (select * from known order by tokens desc, user_id
            offset greatest(p_offset, 0) limit least(greatest(p_limit, 1), 100)) k
    )
    select jsonb_build_object(
      'total', (select count(*) from known),
      'items', coalesce((
        select jsonb_agg(jsonb_build_object(
                 'user_id', p.user_id, 'ref', left(md5(p.user_id), 16),
                 'name', coalesce(public._person_name(p.user_id), ''),
                 'tokens', p.tokens, 'usd', nullif(p.usd, 0)) order by p.tokens desc, p.user_id)
        from page p), '[]'::jsonb)));
end $$;

-- What one person's visions took in the last `p_days` days (1 to 366). A vision is known by its number
-- among all of theirs, the oldest being 1; what belongs to none has null.
create function public.tokens_by_vision(p_admin_id text, p_user_id text, p_days int) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_since timestamptz := public._midnight(public._day(now()) - least(greatest(p_days, 1), 366) + 1);
begin
  perform public._admin(p_admin_id);
  if not exists (select from public.users where id = p_user_id) then perform public._fail('PT404', 'user_not_found'); end if;
  return (
    with spent as (
      select t.meta ->> 'visionid' as vision_id, count(*) as calls, coalesce(sum(t.totaltokens), 0) as tokens,
             sum(case when jsonb_typeof(t.meta -> 'usd') = 'number' then (t.meta -> 'usd')::numeric end) as usd
      from public.tokenscount t where t.clientid = p_user_id and t.createdat >= v_since group by 1
    ), numbered as (
      select v.id, row_number() over (order by v.created_at, v.id) as number
      from public.visions v where v.user_id = p_user_id
    ), named as (
      select n.number, n.id as vision_id, sum(s.calls) as calls, sum(s.tokens) as tokens, sum(s.usd) as usd
      from spent s left join numbered n on n.id::text = s.vision_id group by n.number, n.id
    )
    select jsonb_build_object(
      'total', count(*), 'tokens', coalesce(sum(n.tokens), 0), 'usd', sum(n.usd),
      'items', coalesce((select jsonb_agg(to_jsonb(t) order by t.tokens desc, t.number)
                         from (select * from named order by tokens desc, number limit 200) t), '[]'::jsonb))
    from named n);
end $$;

select public._close_door(
  array['statistics_state', 'statistics_days', 'statistics_delays', 'statistics_calls', 'active_people'],
  array['_day', '_midnight', '_wrote', '_counted', '_delays', '_calls',
        '_statistics_step', 'count_statistics', '_uncounted', '_pieces', '_numbers_of', '_delays_of', '_calls_of',
        '_delay_within', '_votes', '_sums', 'read_numbers', '_shares', 'read_days', 'read_calls',
        'top_spenders', 'tokens_by_vision']);
