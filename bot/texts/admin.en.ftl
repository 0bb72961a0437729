# The admins' panel. No dialogues here: numbers and names alone.

admin-panel =
    <b>Admin panel</b>

    People: { $people }. You see numbers and names here, never dialogues.
admin-people =
    <b>People</b>

    { $order ->
        [new] Newest first.
       *[seen] Recently seen first.
    } In all: { $count }.
admin-find =
    <b>Search</b>

    Send a name or a part of it, a @username, a Telegram id or a user_id.
admin-found =
    { $count ->
        [one] { $count } person found by “{ $query }”.
       *[other] { $count } people found by “{ $query }”.
    }
admin-found-cut = { $count } people found by “{ $query }”, these are the first. Say it more exactly.
admin-found-none = Nobody is found by “{ $query }”. Send another name or go back to the list.

button-admin-people = People
button-admin-invites = Invites
button-admin-numbers = Numbers
button-admin-broadcast = Broadcast
button-admin-doctor = Check-up
button-admin-log = Log
button-admin-back = ‹ To the panel
button-admin-find = Search
button-admin-order =
    { $order ->
        [new] Newest first
       *[seen] Recent first
    }
button-admin-person = { $mark } { $name }
button-admin-to-people = ‹ To people
button-admin-to-person = ‹ To the card

## The card

admin-card-name = <b>{ $name }</b>
admin-card-nameless = no name
admin-card-username = @{ $username }
admin-card-level =
    { $level ->
        [guest] 👤 guest
        [member] 🌱 member
        [admin] ⭐ admin
       *[blocked] ⛔ shut out
    }
admin-card-by-settings = ⭐ admin, by the settings
admin-card-by-mode =
    { $level ->
        [guest] 👤 guest, by the access mode
       *[member] 🌱 member, by the access mode
    }
admin-card-telegram = Telegram: <code>{ $id }</code>
admin-card-no-telegram = Telegram: not bound yet
admin-card-user = user_id: <code>{ $id }</code>
admin-card-seen = Last seen: { $when }
admin-card-since = With us since { $date }
admin-card-language =
    { $language ->
        [en] Language: English
       *[ru] Language: Russian
    }
admin-card-visions = Visions: { $active } on the way, { $frozen } in the archive
admin-card-messages = Messages: { $count }
admin-card-today = Today: { $tokens } tokens, ${ $usd }
admin-card-month = This month: { $tokens } tokens, ${ $usd }
admin-card-unreachable = 🔕 They have blocked the bot: messages wait for their return.
admin-card-erase = ⏳ Has asked to be forgotten: the data goes on { $date }.

button-admin-allow = Let in
button-admin-by-mode = Take it back
button-admin-block = Shut out
button-admin-unblock = Let back in
button-admin-limits = Limits
button-admin-write = Write
button-admin-appoint = Make admin
button-admin-dismiss = Remove admin
button-admin-yes-block = Yes, shut out
button-admin-yes-appoint = Yes, do
button-admin-yes-dismiss = Yes, remove
button-admin-no = No

admin-sure-block =
    Shut out <b>{ $name }</b>?

    Answers and letters on their way stop, and the bot says nothing more. You can let them back in, and everything goes on where it stopped.
admin-sure-appoint =
    Make <b>{ $name }</b> an admin?

    This panel opens to them: people, invites, broadcasts, appointing other admins.
admin-sure-dismiss =
    Remove <b>{ $name }</b> from admins?

    The panel closes, their dialogues and visions stay.
admin-toast-done = Done
admin-toast-already = It is so already
admin-toast-by-settings = This admin is set in the settings: ADMIN_IDS
admin-toast-yourself = You can't do that to yourself: ask another admin

## Limits

admin-limits =
    <b>Limits: { $name }</b>

    “own” is for this person alone, the rest is that of their level. What to change?
admin-limit-name =
    { $limit ->
        [tokens_per_day] tokens a day
        [messages_per_minute] messages a minute
       *[messages_per_day] messages a day
    }
admin-limit-line = • { $limit }: <b>{ $value }</b>
admin-limit-own = { $value }, own
admin-limit-none = no limit
admin-limit-value = { $value }
admin-limit-choose = <b>{ $name }</b>: { $limit }. Now: { $value }.
admin-limit-ask =
    <b>{ $name }</b>: { $limit }.

    Send a number. Zero is no limit.
admin-limit-bad = It has to be a whole number from zero to { $most }. Send it again or go back to the card.
button-admin-tokens = Tokens a day
button-admin-minute = Messages a minute
button-admin-day = Messages a day
button-admin-unbounded = No limit
button-admin-like-level = Like the level
button-admin-own-number = Another number
button-admin-to-limits = ‹ To the limits

## A letter

admin-letter-ask =
    <b>A letter to { $name }</b>

    Send the text in one message. I'll show how it looks and ask once more.
admin-letter-preview = This is what <b>{ $name }</b> will see, under the heading “A message from the team”:
admin-letter-long = That's a bit long: { $limit } characters fit. Send a shorter one.
admin-letter-sent = The letter to <b>{ $name }</b> is on its way.
admin-letter-waits = The letter to <b>{ $name }</b> is kept: they have blocked the bot and get it on their return.
admin-letter-blocked = <b>{ $name }</b> is shut out. To write to them, let them back in first.
button-admin-send = Send

## Invites

admin-invites =
    { $count ->
        [0] <b>Invites</b>

            None yet. An invite is a link that makes members of those who open it.
       *[other] <b>Invites</b>

            Links that make members: places taken, until which day.
    }
admin-invite-plan =
    <b>A new invite</b>

    How many places, and for how many days?
admin-invite-note =
    Send a note for yourself: whom this link is for. They will not see it.
admin-invite-link =
    <b>The invite is ready</b>

    { $link }

    Places: { $uses }, good until { $when }. The link is shown this once: copy it now.
admin-invite-label = { $used }/{ $uses } · until { $date }
admin-invite-label-noted = { $label } · { $note }
admin-invite-label-over = ✕ { $label }
admin-invite =
    <b>Invite no. { $id }</b>

    Places taken: { $used } of { $uses }
    Made on { $made }
    { $state ->
        [revoked] Revoked
        [over] Ran out on { $until }
        [full] All places are taken
       *[open] Good until { $until }
    }
admin-invite-noted = Note: { $note }
admin-invite-sure = Revoke invite no. { $id }? Nobody more comes in by it; those who are here stay.
admin-invite-toast-made = This button has made its invite already
button-admin-invite-new = ＋ Invite
button-admin-uses =
    { $count ->
        [one] { $count } place
       *[other] { $count } places
    }
button-admin-days =
    { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
button-admin-invite-make = Make the link
button-admin-invite-note = Make it with a note
button-admin-invite-revoke = Revoke
button-admin-invite-yes = Yes, revoke
button-admin-to-invites = ‹ To invites

## The log

admin-log =
    { $count ->
        [0] <b>Log</b>

            Empty so far: admins have done nothing yet.
       *[other] <b>Log</b> · entries: { $count }
    }
admin-log-line = { $when } · <b>{ $admin }</b>: { $what }
admin-log-moment = { $day } { $time }
admin-act-level =
    { $to ->
        [member] let in
        [guest] now a guest
        [admin] now an admin
        [blocked] shut out
       *[mode] by the access mode
    }: { $user }
admin-act-unblocked = let back in: { $user }
admin-act-dismissed = no longer an admin: { $user }
admin-act-limits = limits: { $user } ({ $limits })
admin-act-limit-own = { $limit }: { $value }
admin-act-limit-level = { $limit }: like the level
admin-act-letter = a letter: { $user }
admin-act-invite = invite no. { $id }, places: { $uses }
admin-act-revoked = revoked invite no. { $id }
admin-act-broadcast =
    { $act ->
        [broadcast_drafted] a broadcast drafted
        [broadcast_dropped] a draft of a broadcast dropped
        [broadcast_started] a broadcast started
        [broadcast_paused] a broadcast paused
        [broadcast_resumed] a broadcast resumed
       *[broadcast_stopped] a broadcast stopped
    }, no. { $id }
admin-act-gone = somebody who is here no more
admin-act-erase = erasure of data: { $user }
admin-act-keep = erasure called off: { $user }
admin-act-other = { $act }
admin-act-other-user = { $act }: { $user }
