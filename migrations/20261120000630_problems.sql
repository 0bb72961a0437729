-- Troubles that admins are to hear of: each once, and once that it is over, whatever processes there are
-- and whichever of them is killed meanwhile.

create table public.problems (
  name text not null,
  about text not null default '',
  details jsonb not null default '{}',
  since timestamptz not null default clock_timestamp(),
  renewed_at timestamptz not null default clock_timestamp(),
  cleared_at timestamptz,
  settle_seconds int not null default 0,
  lasts_seconds int,
  primary key (name, about)
);
comment on table public.problems is 'One row for each that there ever was; it is open while cleared_at is null';
comment on column public.problems.about is 'Which one of its kind: a setting, a machine';
comment on column public.problems.details is 'Figures and names of machines and settings; never a person''s words';
comment on column public.problems.settle_seconds is 'For so long it must stay cleared before its end is told; back before that, it was never away';
comment on column public.problems.lasts_seconds is 'Not met again for so long, it is over; null: only when that is seen';

-- What each admin believes. Whoever believes otherwise than it is, is told.
create table public.problem_words (
  name text not null,
  about text not null,
  telegram_id bigint not null references public.telegram_accounts (telegram_id) on delete cascade,
  told_open boolean not null default false,
  since timestamptz,
  told_at timestamptz,
  run_at timestamptz not null default clock_timestamp(),
  attempts int not null default 0,
  lease text,
  primary key (name, about, telegram_id),
  foreign key (name, about) references public.problems (name, about) on delete cascade
);
comment on column public.problem_words.since is 'Since when it was, as they were told';
-- Chats that have the admins' command menu, and in which language.
create table public.admin_menus (
  telegram_id bigint primary key references public.telegram_accounts (telegram_id) on delete cascade,
  language text not null
);
create index problem_words_telegram_id on public.problem_words (telegram_id);
create index users_admins on public.users (id) where level = 'admin';

-- Those of the settings and those appointed, as far as they have ever written to the bot: before that
-- Telegram takes no word for them.
create function public._admins() returns table (
  telegram_id bigint, user_id text, language text, timezone text, reachable boolean
)
language sql stable set search_path = '' as $$
  -- From the few to the many, whatever the planner believes of the tables' sizes.
  select a.telegram_id, u.id, public._language(u.language, a.language_code), u.timezone, a.reachable
  from (
    select unnest(p.admin_telegram_ids) as telegram_id from public.policy p
    union
    select o.telegram_id from public.users v
      cross join lateral (select t.telegram_id from public.telegram_accounts t where t.user_id = v.id offset 0) o
      where v.level = 'admin') ids
  cross join lateral (
    select t.* from public.telegram_accounts t where t.telegram_id = ids.telegram_id offset 0) a
  cross join lateral (select w.* from public.users w where w.id = a.user_id offset 0) u
  where u.erase_at is null
$$;

create function public.list_admins() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('admins', coalesce(jsonb_agg(to_jsonb(a) order by a.telegram_id), '[]'::jsonb))
  from public._admins() a
$$;

-- Chats whose command menu is not what their person's level asks for: admins' who have none or one in
-- another language, and of those who are admins no more.
create function public.list_menus() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('menus', coalesce(jsonb_agg(to_jsonb(m) order by m.telegram_id), '[]'::jsonb))
  from (
    select a.telegram_id, a.language, true as admin from public._admins() a
      left join public.admin_menus m on m.telegram_id = a.telegram_id
      where a.reachable and m.language is distinct from a.language
    union all
    select m.telegram_id, public._language(u.language, t.language_code), false from public.admin_menus m
      join public.telegram_accounts t on t.telegram_id = m.telegram_id join public.users u on u.id = t.user_id
      where not exists (select from public._admins() a where a.telegram_id = m.telegram_id)
    limit 50) m
$$;

create function public.mark_menu(p_telegram_id bigint, p_language text, p_admin boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if p_admin then
    insert into public.admin_menus (telegram_id, language)
      select t.telegram_id, p_language from public.telegram_accounts t where t.telegram_id = p_telegram_id
      on conflict (telegram_id) do update set language = excluded.language;
  else
    delete from public.admin_menus where telegram_id = p_telegram_id;
  end if;
  return '{}'::jsonb;
end $$;

-- It is there, or still there.
create function public.raise_problem(
  p_name text, p_about text, p_details jsonb, p_settle_seconds int, p_lasts_seconds int
) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.problems as p (name, about, details, settle_seconds, lasts_seconds)
    values (left(p_name, 64), left(p_about, 100), p_details, p_settle_seconds, p_lasts_seconds)
    on conflict (name, about) do update
      set since = case when p.cleared_at + make_interval(secs => p.settle_seconds) <= clock_timestamp()
                       then clock_timestamp() else p.since end,
          details = excluded.details, renewed_at = clock_timestamp(), cleared_at = null,
          settle_seconds = excluded.settle_seconds, lasts_seconds = excluded.lasts_seconds;
  return '{}'::jsonb;
end $$;

-- It is over, unless it was met again within the last `p_seconds`.
create function public.clear_problem(p_name text, p_about text, p_seconds double precision) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.problems set cleared_at = clock_timestamp()
    where name = p_name and about = p_about and cleared_at is null
      and renewed_at <= clock_timestamp() - make_interval(secs => p_seconds);
  return jsonb_build_object('cleared', found);
end $$;

-- What to tell whom, and all that is open. A word is the claimer's until its lease is over; nobody else
-- has it meanwhile.
create function public.claim_problem_words(p_limit int, p_lease_seconds int) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_admins bigint[] := array(select a.telegram_id from public._admins() a);
  v_reachable bigint[] := array(select a.telegram_id from public._admins() a where a.reachable);
  v_words jsonb;
begin
  update public.problems set cleared_at = clock_timestamp()
    where cleared_at is null and renewed_at + make_interval(secs => lasts_seconds) <= clock_timestamp();
  delete from public.problem_words w where w.telegram_id <> all (v_admins);
  insert into public.problem_words (name, about, telegram_id)
    select p.name, p.about, a.id from public.problems p cross join unnest(v_reachable) a (id)
    where p.cleared_at is null
    order by p.name, p.about, a.id
    on conflict do nothing;
  with due as (
    select w.name, w.about, w.telegram_id from public.problem_words w
    join public.problems p on p.name = w.name and p.about = w.about
    where w.run_at <= clock_timestamp() and w.told_open <> (p.cleared_at is null)
      and (p.cleared_at is null
           or p.cleared_at + make_interval(secs => p.settle_seconds) <= clock_timestamp())
      and w.telegram_id = any (v_reachable)
    order by w.name, w.about, w.telegram_id limit least(p_limit, 100) for update of w skip locked
  ), leased as (
    update public.problem_words w
      set lease = gen_random_uuid()::text, attempts = w.attempts + 1,
          run_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
      from due where w.name = due.name and w.about = due.about and w.telegram_id = due.telegram_id
      returning w.*
  )
  select jsonb_agg(jsonb_build_object(
      'name', p.name, 'about', p.about, 'details', p.details, 'open', p.cleared_at is null,
      'since', case when p.cleared_at is null then p.since else l.since end,
      'seconds', extract(epoch from coalesce(p.cleared_at, clock_timestamp())
                         - case when p.cleared_at is null then p.since else l.since end)::int,
      'telegram_id', l.telegram_id, 'language', a.language, 'timezone', a.timezone,
      'attempt', l.attempts, 'lease', l.lease) order by p.since, l.telegram_id)
    into v_words
    from leased l
    join public.problems p on p.name = l.name and p.about = l.about
    join public._admins() a on a.telegram_id = l.telegram_id;
  return jsonb_build_object(
    'now', clock_timestamp(),
    'words', coalesce(v_words, '[]'::jsonb),
    'open', (
      select coalesce(jsonb_agg(jsonb_build_object(
          'name', name, 'about', about,
          'renewed_seconds', extract(epoch from clock_timestamp() - renewed_at)) order by name, about), '[]'::jsonb)
      from public.problems where cleared_at is null));
end $$;

create function public.tell_problem_word(
  p_name text, p_about text, p_telegram_id bigint, p_lease text, p_open boolean
) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.problem_words w
    set told_open = p_open, told_at = clock_timestamp(), run_at = clock_timestamp(), attempts = 0, lease = null,
        since = case when p_open then p.since else w.since end
    from public.problems p
    where w.name = p_name and w.about = p_about and w.telegram_id = p_telegram_id and w.lease = p_lease
      and p.name = w.name and p.about = w.about;
  return jsonb_build_object('told', found);
end $$;

create function public.postpone_problem_word(
  p_name text, p_about text, p_telegram_id bigint, p_lease text, p_seconds int
) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.problem_words
    set lease = null, run_at = clock_timestamp() + make_interval(secs => p_seconds)
    where name = p_name and about = p_about and telegram_id = p_telegram_id and lease = p_lease;
  return '{}'::jsonb;
end $$;

create function public.list_problems(p_admin_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  perform public._admin(p_admin_id);
  return jsonb_build_object('items', (
    select coalesce(jsonb_agg(jsonb_build_object(
        'name', name, 'about', about, 'details', details, 'since', since,
        'seconds', extract(epoch from clock_timestamp() - since)::int) order by since, name, about), '[]'::jsonb)
    from public.problems where cleared_at is null));
end $$;

-- Only one checkup at a time for an admin: it takes a while, and some tokens.
create function public.begin_checkup(p_admin_id text, p_holder text, p_seconds int) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform public._admin(p_admin_id);
  return public.take_lock('checkup:' || p_admin_id, p_holder, p_seconds);
end $$;

create function public.end_checkup(p_admin_id text, p_holder text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform public._admin(p_admin_id);
  return public.release_lock('checkup:' || p_admin_id, p_holder);
end $$;

-- What problems can be seen by. `deliveries` are the last ones that wait or ended within ten minutes:
-- `troubled` those that failed or had to be tried again, without people who can't be reached.
create function public.watch_state() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_bytes bigint;
  v_deliveries jsonb;
begin
  begin
    v_bytes := pg_catalog.pg_database_size(current_database());
  exception when insufficient_privilege then
    v_bytes := null;
  end;
  select jsonb_build_object(
      'delivered', count(*) filter (where d.delivered_at is not null),
      'troubled', count(*) filter (where d.failed_at is not null or (d.delivered_at is null and d.attempts > 1)))
    into v_deliveries
    from (select * from public.deliveries order by id desc limit 500) d
    where coalesce(d.failure, '') not in ('blocked', 'deactivated', 'behind')
      and d.run_at < 'infinity'
      and (coalesce(d.delivered_at, d.failed_at) is null
           or coalesce(d.delivered_at, d.failed_at) > now() - interval '10 minutes');
  return jsonb_build_object(
    'database_bytes', v_bytes,
    'queue', public.queue_state(),
    'deliveries', v_deliveries,
    'update_failed_seconds', (
      select extract(epoch from clock_timestamp() - max(failed_at)) from public.kept_updates),
    'budget', public.budget_state());
end $$;

select public._close_door(
  array['problems', 'problem_words', 'admin_menus'],
  array['_admins', 'list_admins', 'raise_problem', 'clear_problem', 'claim_problem_words', 'tell_problem_word',
        'postpone_problem_word', 'list_problems', 'begin_checkup', 'end_checkup', 'watch_state', 'list_menus', 'mark_menu']);
