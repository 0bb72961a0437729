-- Updates of Telegram that could not be handled at once: kept whole, so that they may be confirmed.

create table public.kept_updates (
  bot_id bigint not null,
  update_id bigint not null,
  payload jsonb not null,
  attempts int not null default 0,
  error text,
  failed_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (bot_id, update_id)
);
comment on column public.kept_updates.failed_at is 'Given up after repeated errors; stays for the operator to see';

create index kept_updates_waiting on public.kept_updates (bot_id, update_id) where failed_at is null;

-- A failed update stays failed, whoever keeps it again.
create function public.keep_update(p_bot_id bigint, p_update_id bigint, p_payload jsonb, p_error text, p_failed boolean)
returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.kept_updates as k (bot_id, update_id, payload, attempts, error, failed_at)
    values (p_bot_id, p_update_id, p_payload, 1, left(p_error, 2000), case when p_failed then now() end)
    on conflict (bot_id, update_id) do update
      set attempts = k.attempts + 1, error = coalesce(k.error, excluded.error),
          failed_at = coalesce(k.failed_at, excluded.failed_at);
  return '{}'::jsonb;
end $$;

-- A page of those that still have to be handled, after the given update.
create function public.list_kept_updates(p_bot_id bigint, p_after bigint, p_limit int) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('updates', coalesce(jsonb_agg(payload order by update_id), '[]'::jsonb))
  from (select * from public.kept_updates
        where bot_id = p_bot_id and failed_at is null and update_id > p_after
        order by update_id limit least(p_limit, 100)) k
$$;

create function public.drop_update(p_bot_id bigint, p_update_id bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  delete from public.kept_updates where bot_id = p_bot_id and update_id = p_update_id;
  return '{}'::jsonb;
end $$;

select public._close_door(
  array['kept_updates'], array['keep_update', 'list_kept_updates', 'drop_update']);
