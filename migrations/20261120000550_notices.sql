-- What the bot tells a person outside of any dialogue: a letter of the operators, a finished export. It
-- works for people without visions. The words are made when it is sent, by kind, in their language.

create table public.notices (
  id bigint generated always as identity primary key,
  user_id text not null references public.users (id) on delete cascade,
  kind text not null,
  content jsonb not null default '{}',
  source_key text not null unique,
  run_at timestamptz not null default now(),
  attempts int not null default 0,
  unclear smallint not null default 0,
  lease text,
  delivered_at timestamptz,
  failed_at timestamptz,
  failure text,
  receipt bigint,
  created_at timestamptz not null default now()
);
comment on column public.notices.run_at is 'When it may be claimed: the end of a running lease';
comment on column public.notices.unclear is 'How often it may have arrived although Telegram''s answer did not';
comment on column public.notices.failure is '`blocked`: sent again once they can be reached; `level`: once an admin lets them in again';
create index notices_waiting on public.notices (id) where coalesce(delivered_at, failed_at) is null;
create index notices_user_id on public.notices (user_id, id);

-- To be sent as soon as the send budget allows; once for each `p_source_key`. Says whether it is new.
-- A new kind needs its words: a case in bot/delivery/notice_letters.py.
create function public._put_notice(p_user_id text, p_kind text, p_content jsonb, p_source_key text) returns boolean
language plpgsql set search_path = '' as $$
begin
  -- Whoever is leaving hears nothing unasked, unless they stay after all.
  insert into public.notices (user_id, kind, content, source_key, run_at)
    select u.id, p_kind, coalesce(p_content, '{}'::jsonb), p_source_key,
           case when u.erase_at is null then now() else 'infinity' end
    from public.users u where u.id = p_user_id on conflict (source_key) do nothing;
  if not found then return false; end if;
  perform pg_notify('notices', '');
  return true;
end $$;

-- The next ones, for each person only the oldest, so that order is kept; as far as `p_per_second` allows
-- for all that is said unasked. `more`: others wait for the budget, look again soon. People's words to the
-- operators are dropped where whoever they were for is no admin any more.
create function public.claim_notices(p_limit int, p_lease_seconds int, p_per_second int) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  n public.notices;
  v_items jsonb := '[]'::jsonb;
  v_sends int;
  v_dropped boolean := false;
begin
  if not exists (select from public.notices w
                 where coalesce(w.delivered_at, w.failed_at) is null and w.run_at <= clock_timestamp()) then
    return jsonb_build_object('notices', v_items, 'more', false);
  end if;
  v_sends := public._sends_allowed(p_limit, p_per_second);
  for n in
    select w.* from public.notices w
    where coalesce(w.delivered_at, w.failed_at) is null and w.run_at <= clock_timestamp()
      and not exists (select from public.notices o
                      where o.user_id = w.user_id and o.id < w.id
                        and o.delivered_at is null and o.failed_at is null offset 0)
    order by w.id limit v_sends for update skip locked
  loop
    if n.kind = 'feedback' and not exists (
        select from public.users u where u.id = n.user_id and public._level(u) = 'admin') then
      delete from public.notices where id = n.id;
      v_dropped := true;
      continue;
    end if;
    update public.notices
      set lease = gen_random_uuid()::text, attempts = attempts + 1,
          run_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
      where id = n.id returning * into n;
    v_items := v_items || (
      select jsonb_build_object(
        'id', n.id, 'lease', n.lease, 'attempt', n.attempts, 'unclear', n.unclear, 'user_id', n.user_id,
        'kind', n.kind, 'content', n.content, 'chat_id', a.telegram_id, 'timezone', u.timezone,
        'language', public._language(u.language, a.language_code))
      from public.users u
      left join lateral (select * from public.telegram_accounts t where t.user_id = u.id
                         order by t.seen_at desc limit 1) a on true
      where u.id = n.user_id);
  end loop;
  if jsonb_array_length(v_items) > 0 then
    update public.send_budget set tokens = tokens - jsonb_array_length(v_items) where id = 1;
  end if;
  return jsonb_build_object('notices', v_items, 'more', v_dropped or jsonb_array_length(v_items) >= v_sends);
end $$;

-- What was sent is sent, whoever holds it by now. `p_receipt` is Telegram's id of the message.
create function public.mark_notice(p_id bigint, p_receipt bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.notices
    set delivered_at = clock_timestamp(), failed_at = null, failure = null, lease = null, receipt = p_receipt
    where id = p_id and delivered_at is null;
  return '{}'::jsonb;
end $$;

-- Given back for `p_seconds`. `flood`: Telegram asks for a pause, for all that is said unasked.
create function public.postpone_notice(p_id bigint, p_lease text, p_seconds int, p_failure text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.notices
    set run_at = clock_timestamp() + make_interval(secs => p_seconds), lease = null,
        unclear = unclear + (p_failure = 'unclear')::int, failure = left(p_failure, 200)
    where id = p_id and lease = p_lease;
  if not found then perform public._fail('PT423', 'lease_lost'); end if;
  if p_failure = 'flood' then
    update public.send_budget
      set shut_until = greatest(shut_until, clock_timestamp() + make_interval(secs => p_seconds)) where id = 1;
  end if;
  return '{}'::jsonb;
end $$;

create function public.fail_notice(p_id bigint, p_lease text, p_failure text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.notices set failed_at = clock_timestamp(), lease = null, failure = left(p_failure, 200)
    where id = p_id and lease = p_lease;
  if not found then perform public._fail('PT423', 'lease_lost'); end if;
  return '{}'::jsonb;
end $$;

-- What failed because of `p_failure` waits again.
create function public._send_notices_again(p_user_id text, p_failure text) returns void
language plpgsql set search_path = '' as $$
begin
  update public.notices set failed_at = null, failure = null, run_at = now()
    where user_id = p_user_id and failure = p_failure and failed_at is not null and delivered_at is null;
  if found then perform pg_notify('notices', ''); end if;
end $$;

select public._close_door(
  array['notices'],
  array['_put_notice', 'claim_notices', 'mark_notice', 'postpone_notice', 'fail_notice', '_send_notices_again']);
