-- Functions that do what a test of a transport asks for. Harmless to run again. They run with their
-- owner's rights, as all functions of the bot do.
create or replace function public.echo(
  p_text text default null, p_small int default null, p_big bigint default null,
  p_exact numeric default null, p_flag boolean default null, p_id uuid default null,
  p_at timestamptz default null, p_list text[] default null, p_object jsonb default null
) returns jsonb language sql security definer as $$
  select jsonb_build_object('text', p_text, 'small', p_small, 'big', p_big, 'exact', p_exact,
    'flag', p_flag, 'id', p_id, 'at', p_at at time zone 'UTC', 'list', p_list, 'object', p_object)
$$;

create or replace function public.refuse(p_code text, p_name text) returns jsonb
language plpgsql security definer as $$
begin
  raise exception using errcode = p_code, message = p_name;
end $$;

-- A sequence is not rolled back, so it counts the tries.
create sequence if not exists public.tries;

create or replace function public.recover_at(p_try bigint, p_code text) returns jsonb
language plpgsql security definer as $$
begin
  if nextval('public.tries') < p_try then
    raise exception using errcode = p_code, message = 'not yet';
  end if;
  return jsonb_build_object('tries', currval('public.tries'));
end $$;

create or replace function public.doze(p_seconds float) returns jsonb
language sql security definer as $$
  select jsonb_build_object('slept', pg_sleep(p_seconds) is not null)
$$;

create or replace function public.tell(p_word text) returns jsonb
language plpgsql security definer as $$
begin
  perform pg_notify('words', p_word);
  return '{}';
end $$;
