## Числа для администраторов

statistics-title =
    { $days ->
        [1] <b>Числа за сегодня</b>
        [one] <b>Числа за { $days } день</b>
        [few] <b>Числа за { $days } дня</b>
       *[many] <b>Числа за { $days } дней</b>
    }
statistics-span = { $first } — { $last }, сегодня до { $time } по UTC
statistics-span-today = { $last } до { $time } по UTC
statistics-compared =
    { $days ->
        [1] ▲▼ — к вчерашнему дню до того же часа
        [one] ▲▼ — к прошлому { $days } дню
        [few] ▲▼ — к прошлым { $days } дням
       *[many] ▲▼ — к прошлым { $days } дням
    }
statistics-active = 👥 Писали: <b>{ $count }</b>{ $change }
statistics-newcomers = 🌱 Новых: <b>{ $count }</b>{ $change }
statistics-came-back =
    { $days ->
        [1] ↩️ Из них писали и вчера: <b>{ $count }</b>
        [one] ↩️ Из них писали и в прошлый { $days } день: <b>{ $count }</b>
        [few] ↩️ Из них писали и в прошлые { $days } дня: <b>{ $count }</b>
       *[many] ↩️ Из них писали и в прошлые { $days } дней: <b>{ $count }</b>
    }
statistics-messages = 💬 Сообщений: <b>{ $count }</b>{ $change }
statistics-answers = ✨ Ответов: <b>{ $count }</b>{ $change }
statistics-delay = ⏱ Первые слова ответа: половина за <b>{ $p50 } с</b>{ $change50 }, 95 % за <b>{ $p95 } с</b>{ $change95 }
statistics-delay-none = ⏱ Ответов пока не доставлено, ждать было нечего
statistics-failures = ⚠️ Сбоев: ходов <b>{ $turns }</b>{ $changeturns }, доставок <b>{ $deliveries }</b>{ $changedeliveries }
statistics-voice = 🎙 Голос: услышано <b>{ $heard } мин</b>{ $changeheard }, сказано <b>{ $spoken } мин</b>{ $changespoken }
statistics-votes = 👍 <b>{ $liked }</b>{ $changeliked } · 👎 <b>{ $disliked }</b>{ $changedisliked }
statistics-tokens = 🔢 Токенов: <b>{ $count }</b>{ $change }
statistics-money = 💵 Денег: <b>{ $usd }</b>{ $change }
statistics-money-none = 💵 Денег: ни у одного вызова нет цены
statistics-unpriced =
    { $count ->
        [one] { $count } вызов без цены, в деньгах его нет
        [few] { $count } вызова без цены, в деньгах их нет
       *[many] { $count } вызовов без цены, в деньгах их нет
    }
statistics-models = <b>По моделям</b>
statistics-purposes = <b>По назначению</b>
statistics-share = • { $name }: { $tokens } · { $usd }
statistics-no-price = нет цены
statistics-free = без денег
statistics-nameless = без имени
statistics-more =
    { $count ->
        [one] • и ещё { $count }
       *[other] • и ещё { $count }
    }
statistics-counting = Прошлые дни ещё считаются: загляни через минуту, чисел станет больше.
statistics-purpose =
    { $purpose ->
        [dialogue] разговор
        [hearing] расшифровка голосовых
        [speaking] ответы голосом
        [looking] просмотр картинок
        [retelling] чтение длинных документов
        [summing-up] пересказ для голоса
        [moderation] забота о человеке
        [doctor] проверка связи
       *[other] { $name }
    }

statistics-day = День
statistics-week = Неделя
statistics-month = Месяц
statistics-chart-button = График
statistics-tables-button = CSV
statistics-spenders-button = Кто тратит
statistics-visions-button = Токены по визиям
statistics-numbers-button = ‹ К числам

statistics-chart-failed = График не нарисовался. Числа на месте, попробуй ещё раз.
statistics-chart-caption =
    { $days ->
        [one] { $days } день, UTC
        [few] { $days } дня, UTC
       *[many] { $days } дней, UTC
    }
statistics-chart-title = Числа по дням
statistics-chart-span = { $first } — { $last }, UTC; сегодня ещё идёт
statistics-chart-active = Люди, которые писали
statistics-chart-messages = Сообщения
statistics-chart-tokens = Токены
statistics-chart-money = Деньги
statistics-chart-total = всего { $total }
statistics-chart-distinct =
    { $count ->
        [one] { $count } человек
        [few] { $count } человека
       *[many] { $count } человек
    }
statistics-thousands = тыс.
statistics-millions = млн
statistics-billions = млрд

statistics-days-file = числа
statistics-calls-file = токены
statistics-days-caption = Числа по дням. Дни — по UTC, последний ещё идёт.
statistics-calls-caption = Токены и деньги по дням, моделям и назначению.
statistics-column-day = день
statistics-column-active = писали
statistics-column-newcomers = новых
statistics-column-messages = сообщений
statistics-column-answers = ответов
statistics-column-p50 = ожидание, половина, с
statistics-column-p95 = ожидание, 95 %, с
statistics-column-failed-turns = сбоев ходов
statistics-column-failed-deliveries = сбоев доставки
statistics-column-heard = услышано, мин
statistics-column-spoken = сказано, мин
statistics-column-liked = нравится
statistics-column-disliked = не нравится
statistics-column-tokens = токенов
statistics-column-usd = USD
statistics-column-unpriced = вызовов без цены
statistics-column-model = модель
statistics-column-purpose = назначение
statistics-column-calls = вызовов
statistics-column-prompt = токенов запроса
statistics-column-completion = токенов ответа

statistics-spenders =
    { $days ->
        [1] <b>Кто тратит сегодня</b>
        [one] <b>Кто тратит, за { $days } день</b>
        [few] <b>Кто тратит, за { $days } дня</b>
       *[many] <b>Кто тратит, за { $days } дней</b>
    }

    Открой человека, и увидишь, на какие визии ушли токены.
statistics-spenders-none = Токенов за это время не потратил никто.
statistics-spender = { $name } · { $tokens } · { $usd }
statistics-spender-free = { $name } · { $tokens }
statistics-no-name = Без имени
statistics-visions =
    { $days ->
        [1] <b>Токены по визиям за сегодня</b>
        [one] <b>Токены по визиям за { $days } день</b>
        [few] <b>Токены по визиям за { $days } дня</b>
       *[many] <b>Токены по визиям за { $days } дней</b>
    }

    Всего: { $tokens } · { $usd }
statistics-visions-none = За это время этот человек не потратил ни токена.
statistics-vision = • Визия № { $number }: { $tokens } · { $usd } <code>{ $id }</code>
statistics-vision-none = • Вне визий: { $tokens } · { $usd }
statistics-visions-numbered = <i>Номер — по порядку создания; названий здесь не видно никому.</i>
