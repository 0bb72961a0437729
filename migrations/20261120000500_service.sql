-- What a process asks before it begins to work: is this the right database, whole and of its time?

-- `migrations` is null where nobody keeps their history, or where it may not be read.
create function public.service_state() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_migrations jsonb;
begin
  if to_regclass('supabase_migrations.schema_migrations') is not null then
    begin
      execute 'select jsonb_agg(version order by version) from supabase_migrations.schema_migrations'
        into v_migrations;
    exception when insufficient_privilege then
      v_migrations := null;
    end;
  end if;
  return jsonb_build_object(
    'now', clock_timestamp(),
    'migrations', v_migrations,
    'server_version', current_setting('server_version_num')::int,
    -- Of the database, and not of this transaction: PostgREST runs what is stable in a read-only one.
    'read_only', current_setting('default_transaction_read_only')::boolean or pg_catalog.pg_is_in_recovery());
end $$;

select public._close_door(array[]::text[], array['service_state']);
