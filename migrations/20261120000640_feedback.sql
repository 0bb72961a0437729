-- Words to the operators, their answers, and what people think of answers. An admin sees here what was said
-- to the operators, never a dialogue.

-- One row for each word, either way. `thread` is the id of its first one, whose status is the thread's.
create table public.feedback (
  id bigint generated always as identity primary key,
  thread bigint not null,
  user_id text not null references public.users (id) on delete cascade,
  admin_id text,
  kind text not null check (kind in ('text', 'voice', 'audio', 'video_note', 'video', 'animation', 'photo', 'document')),
  content text not null default '',
  file jsonb,
  message_id bigint references public.vision_messages (id) on delete set null,
  status text not null default 'open' check (status in ('open', 'done')),
  source_key text not null unique,
  created_at timestamptz not null default now()
);
comment on column public.feedback.user_id is 'The person who talks with the operators';
comment on column public.feedback.admin_id is 'Whose answer it is; null for the words of the person. No reference: it outlives them';
comment on column public.feedback.file is '{kind, telegram_id, name, mime, size, seconds, album}: only Telegram has the bytes';
comment on column public.feedback.message_id is 'The answer of the companion that it is about';
create index feedback_user_id on public.feedback (user_id, created_at);
create index feedback_thread on public.feedback (thread, id);
create index feedback_admin_id on public.feedback (admin_id) where admin_id is not null;
create index feedback_message_id on public.feedback (message_id) where message_id is not null;
create index feedback_open on public.feedback (id) where thread = id and status = 'open';
create index notices_receipt on public.notices (user_id, receipt) where kind in ('feedback', 'feedback_answer');
create index notices_feedback_from on public.notices ((content ->> 'user_id')) where kind = 'feedback';

-- 1 or -1, stored with the answer it is about.
create table public.votes (
  message_id bigint primary key references public.vision_messages (id) on delete cascade,
  user_id text not null references public.users (id) on delete cascade,
  vote smallint not null check (vote in (-1, 1)),
  created_at timestamptz not null default now()
);
create index votes_user_id on public.votes (user_id);
create index votes_created_at on public.votes (created_at);

-- An answer of the companion, to this very person. Others are not there.
create function public._own_answer(p_user_id text, p_message_id bigint) returns public.vision_messages
language plpgsql stable set search_path = '' as $$
declare
  m public.vision_messages;
begin
  select a.* into m from public.vision_messages a join public.visions v on v.id = a.vision_id
    where a.id = p_message_id and v.user_id = p_user_id and v.status <> 'deleted'
      and a.sender = 'assistant' and not a.payload ? 'care';
  if not found then perform public._fail('PT404', 'message_not_found'); end if;
  return m;
end $$;

-- 1, -1, or 0 to take it back: said twice, it is the same. `offer`: the person may be asked what was wrong,
-- which nobody is asked twice about one answer.
create function public.vote(p_user_id text, p_message_id bigint, p_vote int) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform public._admit(p_user_id);
  if p_vote is null or p_vote not in (-1, 0, 1) then perform public._fail('PT409', 'unknown_vote'); end if;
  perform public._own_answer(p_user_id, p_message_id);
  if p_vote = 0 then
    delete from public.votes where message_id = p_message_id;
  else
    insert into public.votes (message_id, user_id, vote) values (p_message_id, p_user_id, p_vote)
      on conflict (message_id) do update set vote = excluded.vote, created_at = now()
        where votes.vote <> excluded.vote;
  end if;
  return jsonb_build_object('vote', p_vote, 'offer', p_vote = -1 and not exists (
    select from public.feedback f where f.message_id = p_message_id and f.user_id = p_user_id));
end $$;

-- `first`: of the items of an album the one that the person is thanked for.
create function public._given(f public.feedback) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('state', 'kept', 'thread', f.thread, 'first', not exists (
    select from public.feedback o
    where o.user_id = f.user_id and o.file ->> 'album' = f.file ->> 'album' and o.id < f.id))
$$;

-- A word to the operators: a new thread, or the next word of one (`p_thread`), which opens it again. All admins
-- get it. `p_message_id` is the answer it is about. At most `p_per_day` in 24 hours, albums as one.
-- state: `kept`, or `too_many`.
create function public.give_feedback(
  p_user_id text, p_kind text, p_content text, p_file jsonb, p_thread bigint, p_message_id bigint,
  p_source_key text, p_per_day int
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  f public.feedback;
  v_id bigint;
  v_message_id bigint;
  v_admin text;
begin
  perform public._admit(p_user_id);
  -- No stronger: the notices of two admins who write at one moment refer to each other.
  perform from public.users where id = p_user_id for no key update;
  select * into f from public.feedback where source_key = p_source_key;
  if found then
    if f.user_id <> p_user_id then perform public._fail('PT409', 'said_elsewhere'); end if;
    return public._given(f) || jsonb_build_object('duplicate', true);
  end if;
  if p_thread is not null and not exists (
      select from public.feedback t where t.id = p_thread and t.thread = t.id and t.user_id = p_user_id) then
    perform public._fail('PT404', 'thread_not_found');
  end if;
  if p_message_id is not null then v_message_id := (public._own_answer(p_user_id, p_message_id)).id; end if;
  if (select count(distinct coalesce(l.file ->> 'album', l.id::text)) from public.feedback l
      where l.user_id = p_user_id and l.admin_id is null and l.created_at > now() - interval '24 hours'
        and (l.file ->> 'album') is distinct from coalesce(p_file ->> 'album', '')) >= p_per_day then
    return jsonb_build_object('state', 'too_many', 'thread', p_thread, 'first', true, 'duplicate', false);
  end if;
  v_id := nextval(pg_get_serial_sequence('public.feedback', 'id'));
  insert into public.feedback (id, thread, user_id, kind, content, file, message_id, source_key)
    overriding system value
    values (v_id, coalesce(p_thread, v_id), p_user_id, p_kind, left(coalesce(p_content, ''), 4096), p_file, v_message_id,
            p_source_key)
    returning * into f;
  update public.feedback set status = 'open' where id = f.thread and status <> 'open';
  for v_admin in select distinct a.user_id from public._admins() a loop
    perform public._put_notice(v_admin, 'feedback', jsonb_build_object(
      'thread', f.thread, 'user_id', p_user_id, 'name', public._person_name(p_user_id), 'kind', f.kind,
      'text', f.content, 'file', f.file, 'about_answer', f.message_id is not null, 'again', p_thread is not null),
      'feedback:' || f.id || ':' || v_admin);
  end loop;
  return public._given(f) || jsonb_build_object('duplicate', false);
end $$;

-- The team's answer goes to the person. Said once for each `p_source_key`; the log tells that, not what.
create function public.answer_feedback(
  p_admin_id text, p_thread bigint, p_kind text, p_content text, p_file jsonb, p_source_key text
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  t public.feedback;
  f public.feedback;
  v_id bigint;
begin
  perform public._admin(p_admin_id);
  select * into t from public.feedback where id = p_thread and thread = id for update;
  if not found then perform public._fail('PT404', 'thread_not_found'); end if;
  select * into f from public.feedback where source_key = p_source_key;
  if found then
    if f.thread <> t.id then perform public._fail('PT409', 'said_elsewhere'); end if;
    return jsonb_build_object('thread', t.id, 'user_id', t.user_id, 'duplicate', true);
  end if;
  v_id := nextval(pg_get_serial_sequence('public.feedback', 'id'));
  insert into public.feedback (id, thread, user_id, admin_id, kind, content, file, source_key)
    overriding system value
    values (v_id, t.id, t.user_id, p_admin_id, p_kind, left(coalesce(p_content, ''), 4096), p_file, p_source_key)
    returning * into f;
  perform public._put_notice(t.user_id, 'feedback_answer', jsonb_build_object(
    'thread', t.id, 'kind', f.kind, 'text', f.content, 'file', f.file), 'feedback_answer:' || f.id);
  perform public._log_act(p_admin_id, 'answer_feedback', t.user_id, jsonb_build_object('thread', t.id));
  return jsonb_build_object('thread', t.id, 'user_id', t.user_id, 'duplicate', false);
end $$;

-- The thread of what the bot told in the message `p_receipt` of this person's chat, or to which other items
-- of the album `p_album` have just been said; `side`: theirs is the person's or the team's. Null: none.
create function public.feedback_thread(p_user_id text, p_receipt bigint, p_album text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  n public.notices;
  v_thread bigint;
begin
  perform public._admit(p_user_id);
  if p_receipt is not null then
    select * into n from public.notices
      where user_id = p_user_id and receipt = p_receipt and kind in ('feedback', 'feedback_answer');
    if found then
      return jsonb_build_object('thread', (n.content ->> 'thread')::bigint,
                                'side', case n.kind when 'feedback' then 'team' else 'person' end);
    end if;
  end if;
  if p_album is not null then
    select f.thread into v_thread from public.feedback f
      where f.user_id = p_user_id and f.admin_id is null and f.created_at > now() - interval '10 minutes'
        and f.file ->> 'album' = p_album
      limit 1;
  end if;
  return jsonb_build_object('thread', v_thread, 'side', case when v_thread is not null then 'person' end);
end $$;

-- Open threads, the freshest first.
create function public.list_feedback(p_admin_id text, p_offset int, p_limit int) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  perform public._admin(p_admin_id);
  return (
    with page as (
      select * from public.feedback t where t.thread = t.id and t.status = 'open'
      order by t.id desc offset greatest(p_offset, 0) limit least(greatest(p_limit, 1), 50))
    select jsonb_build_object(
      'total', (select count(*) from public.feedback t where t.thread = t.id and t.status = 'open'),
      'items', coalesce(jsonb_agg(jsonb_build_object(
        'thread', t.id, 'user_id', t.user_id, 'name', public._person_name(t.user_id), 'kind', t.kind,
        'text', left(t.content, 100), 'created_at', t.created_at,
        'answered', l.admin_id is not null) order by t.id desc), '[]'::jsonb))
    from page t
    cross join lateral (select * from public.feedback w where w.thread = t.id order by w.id desc limit 1) l);
end $$;

-- One thread: its last `p_limit` words, oldest first.
create function public.read_feedback(p_admin_id text, p_thread bigint, p_limit int) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  t public.feedback;
begin
  perform public._admin(p_admin_id);
  select * into t from public.feedback where id = p_thread and thread = id;
  if not found then perform public._fail('PT404', 'thread_not_found'); end if;
  return jsonb_build_object(
    'thread', t.id, 'user_id', t.user_id, 'name', public._person_name(t.user_id), 'status', t.status,
    'words', (
      select coalesce(jsonb_agg(jsonb_build_object(
               'by_team', w.admin_id is not null, 'kind', w.kind, 'text', left(w.content, 1000), 'file', w.file,
               'about_answer', w.message_id is not null, 'created_at', w.created_at) order by w.id), '[]'::jsonb)
      from (select * from public.feedback l where l.thread = t.id order by l.id desc
            limit least(greatest(p_limit, 1), 20)) w));
end $$;

create function public.finish_feedback(p_admin_id text, p_thread bigint, p_done boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_user_id text;
  v_status text := case when p_done then 'done' else 'open' end;
begin
  perform public._admin(p_admin_id);
  update public.feedback set status = v_status where id = p_thread and thread = id and status <> v_status
    returning user_id into v_user_id;
  if found then
    perform public._log_act(p_admin_id, case when p_done then 'finish_feedback' else 'reopen_feedback' end, v_user_id,
                            jsonb_build_object('thread', p_thread));
  elsif not exists (select from public.feedback where id = p_thread and thread = id) then
    perform public._fail('PT404', 'thread_not_found');
  end if;
  return jsonb_build_object('status', v_status);
end $$;

select public._close_door(
  array['feedback', 'votes'],
  array['_own_answer', 'vote', '_given', 'give_feedback', 'answer_feedback', 'feedback_thread',
        'list_feedback', 'read_feedback', 'finish_feedback']);
