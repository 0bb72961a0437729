## Broadcasts: only admins see this

broadcast-ask =
    <b>A new broadcast</b>

    Send the message just as people should see it: a text, a photo or a document with a caption. Formatting and links stay.

    I don't translate: everybody reads it in the language you write it in.
broadcast-kind = I can broadcast a text, a photo or a document. Send one of these, or press Cancel.
broadcast-album = A whole album can't be broadcast. Send one photo or one document — the caption may stay.
broadcast-caption-long = The caption is a bit long: with a file, Telegram takes up to 1024 characters from bots. Shorten it, or send a text of its own.
broadcast-refused = Telegram won't take this message even here, in our chat. Send it a little differently, or press Cancel.
broadcast-choose = This is how people will see it. Who gets it?
broadcast-sure =
    { $count ->
        [0] There is nobody like that now. Choose somebody else to send it to.
        [one] Send it to <b>{ $count } person</b>?
       *[other] Send it to <b>{ $count } people</b>?
    }
broadcast-to = To: { $whom }
broadcast-as-is = There is no translation: everybody reads it in the language you wrote it in.
broadcast-whom =
    { $whom ->
        [all] everybody
        [week] those seen in the last 7 days
        [month] those seen in the last 30 days
        [ru] those who speak Russian
        [en] those who speak English
        [guest] guests
        [member] members
        [admin] admins
       *[some] some people
    }
broadcast-status =
    { $status ->
        [sending] 📣 <b>The broadcast is on its way</b>
        [paused] ⏸ <b>The broadcast is paused</b>
        [stopped] ⏹ <b>The broadcast was stopped</b>
       *[finished] ✅ <b>The broadcast is finished</b>
    }
broadcast-halted = ⏸ <b>The broadcast is paused</b>: Telegram keeps refusing this message. If it isn't the message, press Resume.
broadcast-bar = { $bar } { $percent } %
broadcast-bar-full = ▓
broadcast-bar-empty = ░
broadcast-sent = Got it: <b>{ $count }</b> of { $people }
broadcast-blocked = Have blocked the bot: { $count }
broadcast-skipped = No longer written to (blocked or leaving): { $count }
broadcast-failed = Telegram didn't take it: { $count }
broadcast-unclear = May or may not have arrived (not sent again): { $count }
broadcast-unsent = Not sent: { $count }
broadcast-pace = Each second: { $count }
broadcast-left =
    { $hours ->
        [0] { $minutes ->
            [0] Less than a minute left
           *[other] About { $minutes } min left
        }
       *[other] About { $hours } h { $minutes } min left
    }
broadcast-dropped = All right, nobody got it.
broadcast-list =
    { $count ->
        [0] There have been no broadcasts yet.
       *[other] <b>Broadcasts</b>: those on their way come first.
    }
broadcast-stop-sure = Stop the broadcast for good? Those it hasn't gone to won't get it, and it can't be resumed later.
broadcast-stop-now = Stopping: nothing new is sent.
broadcast-stop-not = All right, it goes on.
toast-broadcast-nobody = There is nobody left to send it to: choose somebody else
toast-broadcast-paused = Paused. What is on its way will arrive
toast-broadcast-sending = Going on
toast-broadcast-over = This broadcast has ended already
button-broadcast-new = ＋ New broadcast
button-broadcast-send = Send ({ $count })
button-broadcast-whom = To others
button-broadcast-pause = ⏸ Pause
button-broadcast-resume = ▶ Resume
button-broadcast-stop = ⏹ Stop
button-broadcast-stop-yes = Yes, stop it
button-broadcast-stop-no = No
button-broadcasts = ‹ Broadcasts
button-broadcast-panel = ‹ Panel
button-broadcast =
    { $status ->
        [sending] 📣 { $date } · { $done } of { $people }
        [paused] ⏸ { $date } · { $done } of { $people }
        [stopped] ⏹ { $date } · { $done } of { $people }
       *[finished] ✅ { $date } · { $done } of { $people }
    }
