## Numbers for administrators

statistics-title =
    { $days ->
        [1] <b>Today in numbers</b>
       *[other] <b>{ $days } days in numbers</b>
    }
statistics-span = { $first } – { $last }, today until { $time } UTC
statistics-span-today = { $last } until { $time } UTC
statistics-compared =
    { $days ->
        [1] ▲▼ compared with yesterday until the same hour
       *[other] ▲▼ compared with the { $days } days before
    }
statistics-active = 👥 People who wrote: <b>{ $count }</b>{ $change }
statistics-newcomers = 🌱 New: <b>{ $count }</b>{ $change }
statistics-came-back =
    { $days ->
        [1] ↩️ Of them, wrote yesterday too: <b>{ $count }</b>
       *[other] ↩️ Of them, wrote in the { $days } days before too: <b>{ $count }</b>
    }
statistics-messages = 💬 Messages: <b>{ $count }</b>{ $change }
statistics-answers = ✨ Answers: <b>{ $count }</b>{ $change }
statistics-delay = ⏱ First words of an answer: half within <b>{ $p50 } s</b>{ $change50 }, 95% within <b>{ $p95 } s</b>{ $change95 }
statistics-delay-none = ⏱ No answer was delivered yet, so nobody has waited
statistics-failures = ⚠️ Failures: turns <b>{ $turns }</b>{ $changeturns }, deliveries <b>{ $deliveries }</b>{ $changedeliveries }
statistics-voice = 🎙 Voice: heard <b>{ $heard } min</b>{ $changeheard }, spoken <b>{ $spoken } min</b>{ $changespoken }
statistics-votes = 👍 <b>{ $liked }</b>{ $changeliked } · 👎 <b>{ $disliked }</b>{ $changedisliked }
statistics-tokens = 🔢 Tokens: <b>{ $count }</b>{ $change }
statistics-money = 💵 Money: <b>{ $usd }</b>{ $change }
statistics-money-none = 💵 Money: no call has a price
statistics-unpriced =
    { $count ->
        [one] { $count } call has no price and is not in the money
       *[other] { $count } calls have no price and are not in the money
    }
statistics-models = <b>By model</b>
statistics-purposes = <b>By purpose</b>
statistics-share = • { $name }: { $tokens } · { $usd }
statistics-no-price = no price
statistics-free = no money
statistics-nameless = nameless
statistics-more =
    { $count ->
        [one] • and { $count } more
       *[other] • and { $count } more
    }
statistics-counting = Earlier days are still being counted: look again in a minute, there will be more.
statistics-purpose =
    { $purpose ->
        [dialogue] dialogue
        [hearing] hearing voice
        [speaking] spoken answers
        [looking] looking at pictures
        [retelling] reading long documents
        [summing-up] summing up aloud
        [moderation] care for the person
        [doctor] health checks
       *[other] { $name }
    }

statistics-day = Day
statistics-week = Week
statistics-month = Month
statistics-chart-button = Chart
statistics-tables-button = CSV
statistics-spenders-button = Who spends
statistics-visions-button = Tokens by vision
statistics-numbers-button = ‹ To the numbers

statistics-chart-failed = The chart could not be drawn. The numbers are all there, try again.
statistics-chart-caption =
    { $days ->
        [one] { $days } day, UTC
       *[other] { $days } days, UTC
    }
statistics-chart-title = Numbers by day
statistics-chart-span = { $first } – { $last }, UTC; today is not over
statistics-chart-active = People who wrote
statistics-chart-messages = Messages
statistics-chart-tokens = Tokens
statistics-chart-money = Money
statistics-chart-total = { $total } in all
statistics-chart-distinct =
    { $count ->
        [one] { $count } person
       *[other] { $count } people
    }
statistics-thousands = K
statistics-millions = M
statistics-billions = B

statistics-days-file = numbers
statistics-calls-file = tokens
statistics-days-caption = Numbers day by day. Days are UTC, the last one is not over.
statistics-calls-caption = Tokens and money by day, model and purpose.
statistics-column-day = day
statistics-column-active = people who wrote
statistics-column-newcomers = new people
statistics-column-messages = messages
statistics-column-answers = answers
statistics-column-p50 = delay p50, s
statistics-column-p95 = delay p95, s
statistics-column-failed-turns = failed turns
statistics-column-failed-deliveries = failed deliveries
statistics-column-heard = heard, min
statistics-column-spoken = spoken, min
statistics-column-liked = likes
statistics-column-disliked = dislikes
statistics-column-tokens = tokens
statistics-column-usd = USD
statistics-column-unpriced = calls without a price
statistics-column-model = model
statistics-column-purpose = purpose
statistics-column-calls = calls
statistics-column-prompt = prompt tokens
statistics-column-completion = completion tokens

statistics-spenders =
    { $days ->
        [1] <b>Who spends today</b>
       *[other] <b>Who spends, { $days } days</b>
    }

    Open a person to see which visions the tokens went to.
statistics-spenders-none = Nobody has spent a token in this time.
statistics-spender = { $name } · { $tokens } · { $usd }
statistics-spender-free = { $name } · { $tokens }
statistics-no-name = Nameless
statistics-visions =
    { $days ->
        [1] <b>Tokens by vision, today</b>
       *[other] <b>Tokens by vision, { $days } days</b>
    }

    In all: { $tokens } · { $usd }
statistics-visions-none = This person has not spent a token in this time.
statistics-vision = • Vision { $number }: { $tokens } · { $usd } <code>{ $id }</code>
statistics-vision-none = • Outside of visions: { $tokens } · { $usd }
statistics-visions-numbered = <i>Numbered as they were created; nobody sees titles here.</i>
