-- Updates of Telegram that could not be handled at once: kept whole, so that they may be confirmed.

create table public.kept_updates (
  bot_id bigint not null,
  update_id bigint not null,
  lane text not null default '',
  payload jsonb not null,
  attempts int not null default 0,
  holder text,
  run_at timestamptz not null default now(),
  error text,
  failed_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (bot_id, update_id)
);
comment on column public.kept_updates.lane is 'Updates of one lane are handled in order';
comment on column public.kept_updates.holder is 'The process that is handling it, until run_at';
comment on column public.kept_updates.failed_at is 'Given up after repeated errors; stays for the operator to see';

create index kept_updates_waiting on public.kept_updates (bot_id, lane, update_id) where failed_at is null;

-- The holder goes on handling it for `p_lease_seconds` and may renew; with 0 it is anybody's at once.
-- A failed update stays failed, whoever keeps it again. Others hear of it, since later updates of the
-- lane have to stand behind.
create function public.keep_update(
  p_bot_id bigint, p_update_id bigint, p_lane text, p_payload jsonb, p_error text, p_failed boolean,
  p_holder text, p_lease_seconds int
) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.kept_updates as k (bot_id, update_id, lane, payload, attempts, holder, run_at, error, failed_at)
    values (p_bot_id, p_update_id, left(p_lane, 64), p_payload, 1,
            case when p_lease_seconds > 0 then p_holder end,
            clock_timestamp() + make_interval(secs => p_lease_seconds), left(p_error, 2000),
            case when p_failed then now() end)
    on conflict (bot_id, update_id) do update
      set attempts = k.attempts + 1, error = coalesce(k.error, excluded.error),
          failed_at = coalesce(k.failed_at, excluded.failed_at),
          holder = case when k.holder = p_holder then excluded.holder else k.holder end,
          run_at = case when k.holder = p_holder then excluded.run_at else k.run_at end;
  if not p_failed then
    perform pg_catalog.pg_notify('updates',
      jsonb_build_object('bot', p_bot_id, 'holder', p_holder, 'lane', left(p_lane, 64))::text);
  end if;
  return '{}'::jsonb;
end $$;

-- What nobody is handling, from every lane only the oldest; and the lanes in which others hold updates
-- or more of them wait.
create function public.claim_updates(p_bot_id bigint, p_holder text, p_limit int, p_lease_seconds int) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_updates jsonb;
  v_elsewhere jsonb;
begin
  with free as (
    select k.update_id from public.kept_updates k
    where k.bot_id = p_bot_id and k.failed_at is null and k.run_at <= clock_timestamp()
      and not exists (
        select from public.kept_updates o
        where o.bot_id = k.bot_id and o.lane = k.lane and o.update_id < k.update_id and o.failed_at is null)
    order by k.update_id limit least(p_limit, 100) for update skip locked
  ), claimed as (
    update public.kept_updates k
      set holder = p_holder, attempts = k.attempts + 1,
          run_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
      from free where k.bot_id = p_bot_id and k.update_id = free.update_id
      returning k.update_id, k.payload
  )
  select coalesce(jsonb_agg(payload order by update_id), '[]'::jsonb) into v_updates from claimed;
  select coalesce(jsonb_agg(distinct k.lane), '[]'::jsonb) into v_elsewhere
    from public.kept_updates k
    where k.bot_id = p_bot_id and k.failed_at is null and k.holder is distinct from p_holder;
  return jsonb_build_object('updates', v_updates, 'elsewhere', v_elsewhere);
end $$;

-- Of these updates, those that the holder still has go on being its own; says which they are. What it
-- has without knowing (it never heard the answer) runs out, and whoever comes handles it.
create function public.renew_updates(p_bot_id bigint, p_holder text, p_updates text[], p_lease_seconds int) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_updates jsonb;
begin
  with mine as (
    select k.update_id from public.kept_updates k
    where k.bot_id = p_bot_id and k.update_id = any (p_updates::bigint[]) and k.holder = p_holder and k.failed_at is null
    order by k.update_id for update
  ), renewed as (
    update public.kept_updates k set run_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
    from mine where k.bot_id = p_bot_id and k.update_id = mine.update_id
    returning k.update_id
  )
  select coalesce(jsonb_agg(update_id order by update_id), '[]'::jsonb) into v_updates from renewed;
  return jsonb_build_object('updates', v_updates);
end $$;

-- A process that ends leaves what it had to the others.
create function public.release_updates(p_bot_id bigint, p_holder text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.kept_updates set holder = null, run_at = clock_timestamp()
    where bot_id = p_bot_id and holder = p_holder and failed_at is null;
  perform pg_catalog.pg_notify('updates', jsonb_build_object('bot', p_bot_id, 'holder', p_holder)::text);
  return '{}'::jsonb;
end $$;

-- Handled.
create function public.drop_update(p_bot_id bigint, p_update_id bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  delete from public.kept_updates where bot_id = p_bot_id and update_id = p_update_id;
  return '{}'::jsonb;
end $$;

select public._close_door(
  array['kept_updates'],
  array['keep_update', 'claim_updates', 'renew_updates', 'release_updates', 'drop_update']);
