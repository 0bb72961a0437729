## To admins: problems and the checkup

problem-since = Since { $date }, { $time }.
problem-since-lasted = Since { $date }, { $time }: { $lasted } by now.
problem-over =
    ✅ <b>All is well again</b>
    { $what } It lasted { $lasted }.
problem-lasted =
    { $days ->
        [0] { $hours ->
            [0] { $minutes ->
                [0] less than a minute
               *[other] { $minutes } min
            }
           *[other] { $hours } h { $minutes } min
        }
       *[other] { $days } d { $hours } h
    }
problem-model-key = ⚠️ <b>The model's key is refused.</b> { $host } says no ({ $code }), people get no answers.
problem-model-key-do = What to do: check { $about } — has the key been revoked, is it the right one — and restart the bot.
problem-model-key-over = The key { $about } is taken again.
problem-model-quota = ⚠️ <b>The model's key is out of money or quota.</b> { $host } says no ({ $code }), people get no answers.
problem-model-quota-do = What to do: add credit or raise the limit of the account behind { $about }. The bot needs no restart.
problem-model-quota-over = With { $about } there are answers again.
problem-model-gone = ⚠️ <b>There is no model { $model } any more.</b> So says { $host }; what it was for doesn't work.
problem-model-gone-do = What to do: choose another one in { $about } and restart the bot. /doctor tells which there are.
problem-model-gone-over = The model of { $about } answers again.
problem-model-request = ⚠️ <b>The model refuses our requests.</b> { $host }: { $code }. Somebody got no answer.
problem-model-request-do = What to do: press “Check” to see whether the model is fit for this. If all is well there, it was a single message.
problem-model-request-over = The model takes our requests again.
problem-model-down = ⚠️ <b>The model does not answer.</b> { $host } is silent or failing; somebody sees “Try again” instead of an answer.
problem-model-down-do = What to do: mostly it passes by itself. If it goes on, check the network and the status page of the model's server.
problem-model-down-over = The model answers again.
problem-turn-failed = ⚠️ <b>An answer failed by a fault of the bot</b> ({ $error }). The person sees “Try again”, their words are safe.
problem-turn-failed-do = What to do: look at the log around this time, it has the whole error.
problem-turn-failed-over = It has not happened again for an hour.
problem-update-failed = ⚠️ <b>A message could not be handled.</b> It is kept whole in kept_updates.
problem-update-failed-do = What to do: look at the log; docs/operations.md says how to run the message again.
problem-update-failed-over = For an hour all messages have been handled. Those put aside wait in kept_updates.
problem-second-poller = ⚠️ <b>Another program takes this bot's updates</b> ({ $who }): some messages may not arrive.
problem-second-poller-do = What to do: find where else a bot runs with this token, and stop one of the two.
problem-second-poller-over = Nobody else takes the updates any more.
problem-webhook-elsewhere = ⚠️ <b>This bot's updates go to somebody else's webhook</b>: { $host }. Nothing comes here.
problem-webhook-elsewhere-do = What to do: stop whoever has set it and restart the webhook process — it sets its own address.
problem-webhook-elsewhere-over = Updates come here again.
problem-queue-grows = ⚠️ <b>The queue is growing.</b> Messages waiting: { $waiting }, the oldest for { $seconds } s.
problem-queue-grows-do = What to do: check that a worker is alive and the model answers; if there are simply many people, add worker processes.
problem-queue-grows-over = The queue has been worked off.
problem-deliveries-fail = ⚠️ <b>Answers don't arrive.</b> Within ten minutes { $troubled } of { $tried } were not sent at the first try.
problem-deliveries-fail-do = What to do: check that Telegram can be reached from this machine. The answers are kept and will be sent again.
problem-deliveries-fail-over = Answers arrive again.
problem-disk-full = ⚠️ <b>The disk is filling up</b> ({ $about }): { $free_gb } GB are left, { $percent } %. When it is full, the bot can't take messages.
problem-disk-full-do = What to do: free some space, or move DATA_DIR to a larger disk.
problem-disk-full-over = There is enough space on the disk again.
problem-database-full = ⚠️ <b>The database takes no writes.</b> Most likely its disk is full or its plan is used up. New messages wait at Telegram.
problem-database-full-do = What to do: free some space; at Supabase, delete something or change the plan. Telegram keeps messages for a day.
problem-database-full-over = The database takes writes again.
problem-database-away = ⚠️ <b>The database does not answer.</b> New messages wait at Telegram.
problem-database-away-do = What to do: check that its server runs and the network leads there. Telegram keeps messages for a day.
problem-database-away-over = The database answers again.
problem-budget-near = ⚠️ <b>{ $percent } % of the day's budget is spent.</b> When it is gone, answers wait until tomorrow.
problem-budget-near-do = What to do: if that is too little, raise BUDGET_TOKENS_PER_DAY or BUDGET_USD_PER_DAY and restart the bot.
problem-budget-near-over = There is budget again.
problem-budget-spent = ⚠️ <b>The day's budget is spent.</b> People's messages are kept, answers wait until tomorrow.
problem-budget-spent-do = What to do: nothing — or raise BUDGET_TOKENS_PER_DAY or BUDGET_USD_PER_DAY and restart the bot.
problem-budget-spent-over = There is budget again, answers go out.
problem-clock-off = ⚠️ <b>The clock is wrong</b> ({ $about }): { $seconds } s off the database's. “In ten minutes” will never come on time.
problem-clock-off-do = What to do: let the network set this machine's clock: timedatectl set-ntp true.
problem-clock-off-over = The clock is right again.
problem-other = ⚠️ <b>A problem</b>: { $name } { $about }
problem-other-do = What to do: the log tells more.
problem-other-over = { $name } { $about }: over.

command-admin = Administration
command-broadcast = Broadcast
command-doctor = Check everything

button-doctor = Check
button-doctor-again = Check again
doctor-progress =
    { $total ->
        [0] 🩺 Checking…
       *[other] 🩺 Checking… { $done } of { $total }
    }
doctor-running = Already checking — the result will appear above.
doctor-broken-off = The checkup broke off: the bot is restarting. Press again a little later.
doctor-well = <b>All is well</b> · { $seconds } s
doctor-not-well =
    { $failed ->
        [0] <b>It works, with something to look at</b> · { $seconds } s
       *[other] <b>Not everything works</b> · { $seconds } s
    }
doctor-ok = ✅ { $names }
doctor-skipped = ⏭ Not checked: { $names }
doctor-failed = ❌ <b>{ $name }</b>
doctor-warning = ⚠️ <b>{ $name }</b>
doctor-found = <blockquote>{ $found } { $advice }</blockquote>
doctor-problems = <b>Open problems</b>
doctor-no-problems = There are no open problems.
doctor-and-more = …and { $count } more
doctor-name =
    { $check ->
        [settings] settings
        [Telegram] Telegram
        [updates] updates
        [database] database
        [database-version] database version
        [migrations] migrations
        [database-writes] database writes
        [file-store] file store
        [disk-space] disk space
        [model] model
        [model-answers] model's answers
        [cheap-model] cheap model
        [cheap-model-answers] cheap model's answers
        [hearing] hearing
        [hearing-works] speech recognition
        [voice] voice
        [voice-speaks] speaking
        [tokens-counted] counting of tokens
        [clock] clock
       *[other] { $check }
    }
doctor-do =
    { $check ->
        [settings] Correct the setting and restart the bot.
        [Telegram] Check BOT_TOKEN and the network to Telegram.
        [updates] Check that nobody else takes the updates.
        [database] Check that the database server runs and its address is right.
        [database-version] Upgrade the database server.
        [migrations] Apply the migrations: python -m bot migrate.
        [database-writes] Check the database's space and rights.
        [file-store] Check the space and rights of the folder or the storage.
        [disk-space] Free some space or move DATA_DIR.
        [hearing] Check STT_MODEL and its key.
        [hearing-works] Check STT_MODEL and its key.
        [voice] Check TTS_MODEL and its key.
        [voice-speaks] Check TTS_MODEL and its key.
        [tokens-counted] Check that the database takes writes.
        [clock] Let the network set the clock.
       *[other] Check the model in the settings, its key and its server's address.
    }
