## Админам: неполадки и проверка

problem-since = Началось { $date } в { $time }.
problem-since-lasted = Началось { $date } в { $time }, длится { $lasted }.
problem-over =
    ✅ <b>Всё снова в порядке</b>
    { $what } Длилось { $lasted }.
problem-lasted =
    { $days ->
        [0] { $hours ->
            [0] { $minutes ->
                [0] меньше минуты
               *[other] { $minutes } мин
            }
           *[other] { $hours } ч { $minutes } мин
        }
       *[other] { $days } дн { $hours } ч
    }
problem-model-key = ⚠️ <b>Ключ модели не принимают.</b> { $host } отвечает отказом ({ $code }), люди остаются без ответов.
problem-model-key-do = Что делать: проверь { $about } — не отозван ли ключ, тот ли он, — и перезапусти бота.
problem-model-key-over = Ключ { $about } снова принимают.
problem-model-quota = ⚠️ <b>У ключа модели кончились деньги или лимит.</b> { $host } отвечает отказом ({ $code }), люди остаются без ответов.
problem-model-quota-do = Что делать: пополни счёт или подними лимит у того, кому принадлежит { $about }. Перезапускать бота не нужно.
problem-model-quota-over = По ключу { $about } снова отвечают.
problem-model-gone = ⚠️ <b>Модели { $model } больше нет.</b> Так отвечает { $host }; то, для чего она нужна, не работает.
problem-model-gone-do = Что делать: выбери другую в { $about } и перезапусти бота. Какие есть, подскажет /doctor.
problem-model-gone-over = Модель из { $about } снова отвечает.
problem-model-request = ⚠️ <b>Модель отвергает запросы.</b> { $host }: { $code }. Кто-то остался без ответа.
problem-model-request-do = Что делать: нажми «Проверить» — станет видно, подходит ли модель. Если там всё хорошо, дело было в одном сообщении.
problem-model-request-over = Модель снова принимает запросы.
problem-model-down = ⚠️ <b>Модель не отвечает.</b> { $host } молчит или сбоит; кто-то вместо ответа видит «Повторить».
problem-model-down-do = Что делать: чаще всего это проходит само. Если затянулось, проверь сеть и страницу состояния сервера модели.
problem-model-down-over = Модель снова отвечает.
problem-turn-failed = ⚠️ <b>Ответ не получился из-за ошибки в боте</b> ({ $error }). Человек видит «Повторить», его слова на месте.
problem-turn-failed-do = Что делать: посмотри журнал около этого времени, ошибка записана там целиком.
problem-turn-failed-over = За последний час ошибка не повторялась.
problem-update-failed = ⚠️ <b>Сообщение не удалось обработать.</b> Оно целиком сохранено в kept_updates.
problem-update-failed-do = Что делать: посмотри журнал; как вернуть сообщение в работу, сказано в docs/operations.md.
problem-update-failed-over = За последний час все сообщения обрабатываются. Отложенные ждут в kept_updates.
problem-second-poller = ⚠️ <b>Обновления этого бота забирает ещё одна программа</b> ({ $who }): часть сообщений может не дойти.
problem-second-poller-do = Что делать: найди, где ещё запущен бот с этим токеном, и останови одного из двух.
problem-second-poller-over = Обновления больше никто не перехватывает.
problem-webhook-elsewhere = ⚠️ <b>Обновления этого бота уходят на чужой вебхук</b>: { $host }. Здесь ничего не приходит.
problem-webhook-elsewhere-do = Что делать: останови того, кто его поставил, и перезапусти процесс webhook — он вернёт свой адрес.
problem-webhook-elsewhere-over = Обновления снова приходят сюда.
problem-queue-grows = ⚠️ <b>Очередь растёт.</b> Сообщений ждёт: { $waiting }, самое старое — уже { $seconds } с.
problem-queue-grows-do = Что делать: проверь, жив ли хоть один worker и отвечает ли модель; если людей просто много, добавь процессов worker.
problem-queue-grows-over = Очередь разобрана.
problem-deliveries-fail = ⚠️ <b>Ответы не доходят.</b> За десять минут не отправилось с первого раза { $troubled } из { $tried }.
problem-deliveries-fail-do = Что делать: проверь, доступен ли Telegram с этой машины. Ответы сохранены и будут отправляться снова.
problem-deliveries-fail-over = Ответы снова доходят.
problem-disk-full = ⚠️ <b>Место на диске кончается</b> ({ $about }): осталось { $free_gb } ГБ, это { $percent } %. Когда кончится, бот перестанет принимать сообщения.
problem-disk-full-do = Что делать: освободи место или перенеси DATA_DIR на диск побольше.
problem-disk-full-over = Места на диске снова хватает.
problem-database-full = ⚠️ <b>База данных не принимает записи.</b> Скорее всего, кончилось место или объём тарифа. Новые сообщения ждут в Telegram.
problem-database-full-do = Что делать: освободи место; в Supabase — удали лишнее или смени тариф. Telegram хранит сообщения сутки.
problem-database-full-over = База данных снова принимает записи.
problem-database-away = ⚠️ <b>База данных не отвечает.</b> Новые сообщения ждут в Telegram.
problem-database-away-do = Что делать: проверь, запущен ли её сервер и есть ли до него сеть. Telegram хранит сообщения сутки.
problem-database-away-over = База данных снова отвечает.
problem-budget-near = ⚠️ <b>Дневной бюджет израсходован на { $percent } %.</b> Когда он кончится, ответы подождут до завтра.
problem-budget-near-do = Что делать: если этого мало, подними BUDGET_TOKENS_PER_DAY или BUDGET_USD_PER_DAY и перезапусти бота.
problem-budget-near-over = Дневной бюджет снова есть.
problem-budget-spent = ⚠️ <b>Дневной бюджет кончился.</b> Сообщения людей сохраняются, ответы подождут до завтра.
problem-budget-spent-do = Что делать: ничего — или подними BUDGET_TOKENS_PER_DAY либо BUDGET_USD_PER_DAY и перезапусти бота.
problem-budget-spent-over = Дневной бюджет снова есть, ответы идут.
problem-clock-off = ⚠️ <b>Часы врут</b> ({ $about }): расходятся с базой данных на { $seconds } с. «Через десять минут» никогда не наступит вовремя.
problem-clock-off-do = Что делать: включи на этой машине установку времени по сети: timedatectl set-ntp true.
problem-clock-off-over = Часы снова идут верно.
problem-other = ⚠️ <b>Неполадка</b>: { $name } { $about }
problem-other-do = Что делать: подробности в журнале.
problem-other-over = { $name } { $about }: прошло.

command-admin = Админка
command-broadcast = Рассылка
command-doctor = Проверить всё

button-doctor = Проверить
button-doctor-again = Проверить ещё раз
doctor-progress =
    { $total ->
        [0] 🩺 Проверяю…
       *[other] 🩺 Проверяю… { $done } из { $total }
    }
doctor-running = Уже проверяю — результат появится выше.
doctor-broken-off = Проверка прервалась: бот перезапускается. Нажми чуть позже.
doctor-well = <b>Всё хорошо</b> · { $seconds } с
doctor-not-well =
    { $failed ->
        [0] <b>Работает, но есть на что взглянуть</b> · { $seconds } с
       *[other] <b>Не всё работает</b> · { $seconds } с
    }
doctor-ok = ✅ { $names }
doctor-skipped = ⏭ Не проверял: { $names }
doctor-failed = ❌ <b>{ $name }</b>
doctor-warning = ⚠️ <b>{ $name }</b>
doctor-found = <blockquote>{ $found } { $advice }</blockquote>
doctor-problems = <b>Открытые неполадки</b>
doctor-no-problems = Открытых неполадок нет.
doctor-and-more = …и ещё { $count }
doctor-name =
    { $check ->
        [settings] настройки
        [Telegram] Telegram
        [updates] приём сообщений
        [database] база данных
        [database-version] версия базы
        [migrations] миграции
        [database-writes] запись в базу
        [file-store] хранилище файлов
        [disk-space] место на диске
        [model] модель
        [model-answers] ответы модели
        [cheap-model] дешёвая модель
        [cheap-model-answers] ответы дешёвой модели
        [hearing] слух
        [hearing-works] распознавание речи
        [voice] голос
        [voice-speaks] озвучивание
        [tokens-counted] учёт токенов
        [clock] часы
       *[other] { $check }
    }
doctor-do =
    { $check ->
        [settings] Поправь настройку и перезапусти бота.
        [Telegram] Проверь BOT_TOKEN и сеть до Telegram.
        [updates] Проверь, не забирает ли обновления кто-то ещё.
        [database] Проверь, что сервер базы запущен и адрес верен.
        [database-version] Обнови сервер базы данных.
        [migrations] Примени миграции: python -m bot migrate.
        [database-writes] Проверь место и права базы данных.
        [file-store] Проверь место и права на папку или хранилище файлов.
        [disk-space] Освободи место или перенеси DATA_DIR.
        [hearing] Проверь STT_MODEL и ключ.
        [hearing-works] Проверь STT_MODEL и ключ.
        [voice] Проверь TTS_MODEL и ключ.
        [voice-speaks] Проверь TTS_MODEL и ключ.
        [tokens-counted] Проверь запись в базу данных.
        [clock] Включи установку времени по сети.
       *[other] Проверь модель в настройках, её ключ и адрес сервера.
    }
