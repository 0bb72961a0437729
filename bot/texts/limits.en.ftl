## Limits: how much has been said and how much is left

limit-guest =
    That's the whole taste: it's as much as I can hear from a guest. An invite takes you further — ask whoever brought you here.

    Your last words are safe with me, they will wait.
limit-minute = You write faster than I can read. Let's go on { $when }: what I didn't get to is safe, one button sends it.
limit-day = We have talked about a lot today. Let's go on { $when } — I'll keep what you write.
limit-tokens = We have talked about a lot today, and I need to catch my breath. Let's go on { $when } — I'll keep what you write.
limit-budget = So much was said to me today that I'm out of strength for the day. Let's go on { $when } — I'll keep what you write.
limit-not-kept =
    { $count ->
        [one] { $count } message is waiting already and there's no room for more: the last one was not kept. Please send it again { $when }.
       *[other] { $count } messages are waiting already and there's no room for more: the last one was not kept. Please send it again { $when }.
    }
limit-not-kept-guest = There's no room for more to wait: the last message was not kept. Please send it again once you have an invite.
limit-nowhere = There is no vision yet to put this into: create one, and the words go there.
limit-when-now = right now
limit-when-soon = in a minute
limit-when-today = today after { $time }
limit-when-tomorrow = tomorrow after { $time }
limit-toast = Too early yet. Let's go on { $when } — what you wrote is safe.
limit-toast-guest = You need an invite. What you wrote is safe.
limit-sent-part =
    { $left ->
        [one] Sent what I could. { $left } message still waits: it can go { $when }.
       *[other] Sent what I could. { $left } messages still wait: they can go { $when }.
    }
limit-sent-part-guest =
    { $left ->
        [one] Sent what I could. { $left } message waits for an invite.
       *[other] Sent what I could. { $left } messages wait for an invite.
    }
notice-limit-tokens = We have talked about a lot today, so I'll answer this one later. Your message is safe: press “Try again” { $when }.
notice-limit-budget = So much was said to me today that I'm out of strength for the day. Your message is safe: press “Try again” { $when }.

pace = That’s too many commands in a row, I lost track. Wait a few seconds and repeat the last one.
pace-toast = Too fast — wait a second

command-usage = How much is said and how much is left
usage-title = <b>Our talks in numbers</b>
usage-today =
    { $messages ->
        [one] Today: { $messages } message, tokens: { $tokens }
       *[other] Today: { $messages } messages, tokens: { $tokens }
    }
usage-month =
    { $messages ->
        [one] This month: { $messages } message, tokens: { $tokens }
       *[other] This month: { $messages } messages, tokens: { $tokens }
    }
usage-tokens-are = Tokens measure the model's work: all that I read and write. A page of text is about a thousand.
usage-visions = This month by vision, in tokens:
usage-vision = · { $title } — { $tokens }
usage-left = Left for today:
usage-left-messages =
    { $bound ->
        [one] { $bar } { $left } of { $bound } message
       *[other] { $bar } { $left } of { $bound } messages
    }
usage-left-tokens = { $bar } { $left } of { $bound } tokens
usage-renews = It starts afresh { $when }, your time.
usage-no-bounds = There are no daily limits: say as much as you like.
usage-guest =
    { $left ->
        [0] You are a guest here, and all your messages for a taste are said. An invite takes you further.
        [one] You are a guest here: { $left } message of { $bound } is left. An invite takes you further.
       *[other] You are a guest here: { $left } messages of { $bound } are left. An invite takes you further.
    }
usage-held =
    { $count ->
        [one] { $count } message waits to be sent.
       *[other] { $count } messages wait to be sent.
    }
