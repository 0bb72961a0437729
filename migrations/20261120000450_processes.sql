-- What processes over one database agree upon: who alone does a thing, what was left behind, how long
-- the queues are.

create table public.locks (
  name text primary key,
  holder text not null,
  until timestamptz not null
);
comment on table public.locks is 'Held until a moment and renewed: for transports that know no locks of a session';

-- Free, run out, or the holder's own already: held until `p_seconds` from now.
create function public.take_lock(p_name text, p_holder text, p_seconds double precision) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_until timestamptz := clock_timestamp() + make_interval(secs => p_seconds);
begin
  insert into public.locks as l (name, holder, until) values (left(p_name, 200), p_holder, v_until)
    on conflict (name) do update set holder = excluded.holder, until = excluded.until
      where l.holder = excluded.holder or l.until <= clock_timestamp();
  return jsonb_build_object('held', found);
end $$;

create function public.release_lock(p_name text, p_holder text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  delete from public.locks where name = left(p_name, 200) and holder = p_holder;
  return '{}'::jsonb;
end $$;

-- Only for a process that knows it is alone on the database: whoever held leases is dead.
create function public.release_leases() returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_turns int;
  v_deliveries int;
  v_notices int;
  v_updates int;
begin
  update public.turn_queue set run_at = clock_timestamp(), lease = null, lease_by = null
    where lease is not null and failed_at is null;
  get diagnostics v_turns = row_count;
  update public.deliveries set run_at = clock_timestamp(), lease = null
    where lease is not null and delivered_at is null and failed_at is null and run_at < 'infinity';
  get diagnostics v_deliveries = row_count;
  update public.notices set run_at = clock_timestamp(), lease = null
    where lease is not null and delivered_at is null and failed_at is null;
  get diagnostics v_notices = row_count;
  update public.kept_updates set holder = null, run_at = clock_timestamp()
    where holder is not null and failed_at is null;
  get diagnostics v_updates = row_count;
  -- What became of them nobody knows: the next claim says so.
  update public.broadcast_recipients set leased_until = clock_timestamp() where state = 'sending';
  update public.exports set run_at = clock_timestamp(), lease = null where lease is not null and finished_at is null;
  update public.erasures set run_at = clock_timestamp(), lease = null where lease is not null;
  return jsonb_build_object('turns', v_turns, 'deliveries', v_deliveries, 'notices', v_notices, 'updates', v_updates);
end $$;

-- How much waits, and how long the oldest of it has been waiting, for whoever watches over the bot.
create function public.queue_state() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'turns', (
      select jsonb_build_object(
        'waiting', count(*) filter (where lease is null and failed_at is null),
        'running', count(*) filter (where lease is not null and failed_at is null),
        'failed', count(*) filter (where failed_at is not null),
        'oldest_seconds', round(coalesce(extract(epoch from clock_timestamp()
          - min(queued_at) filter (where failed_at is null and run_at <= clock_timestamp())), 0))::int)
      from public.turn_queue),
    'deliveries', (
      select jsonb_build_object(
        'waiting', count(*) filter (where not unasked),
        'unasked', count(*) filter (where unasked),
        'oldest_seconds', round(coalesce(extract(epoch from clock_timestamp()
          - min(created_at) filter (where not unasked)), 0))::int)
      from public.deliveries where coalesce(delivered_at, failed_at) is null and run_at < 'infinity'),
    'updates', (
      select jsonb_build_object(
        'waiting', count(*) filter (where failed_at is null),
        'failed', count(*) filter (where failed_at is not null))
      from public.kept_updates))
$$;

select public._close_door(
  array['locks'], array['take_lock', 'release_lock', 'release_leases', 'queue_state']);
