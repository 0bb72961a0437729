-- What a Supabase project already has and a plain PostgreSQL lacks: the API's roles and the schema
-- of extensions. Run by the migration runner when a role is missing; an administrator may run it
-- by hand where the bot's own user can't create roles. Harmless to repeat.
do $$
declare
  v_role text;
begin
  foreach v_role in array array['anon', 'authenticated', 'service_role'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = v_role) then
      begin
        execute format('create role %I nologin noinherit', v_role);
      exception when duplicate_object or unique_violation then
        null;  -- another database of this server was first
      end;
    end if;
  end loop;
end
$$;

create schema if not exists extensions;
grant usage on schema extensions to anon, authenticated, service_role;
grant usage on schema public to anon, authenticated, service_role;
