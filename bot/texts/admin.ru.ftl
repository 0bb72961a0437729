# Панель админа. Без переписки: только числа и имена.

admin-panel =
    <b>Панель админа</b>

    Людей: { $people }. Видны числа и имена, но не разговоры.
admin-people =
    <b>Люди</b>

    { $order ->
        [new] Сначала новые.
       *[seen] Сначала те, кто был недавно.
    } Всего: { $count }.
admin-find =
    <b>Поиск</b>

    Пришли имя или его часть, @имя пользователя, номер в Telegram или user_id.
admin-found =
    { $count ->
        [one] По запросу «{ $query }» — { $count } человек.
        [few] По запросу «{ $query }» — { $count } человека.
       *[many] По запросу «{ $query }» — { $count } человек.
    }
admin-found-cut = По запросу «{ $query }» нашлось { $count }, здесь первые. Уточни запрос.
admin-found-none = По запросу «{ $query }» никого нет. Пришли другое имя или вернись к списку.

button-admin-people = Люди
button-admin-invites = Приглашения
button-admin-numbers = Цифры
button-admin-broadcast = Рассылка
button-admin-doctor = Проверка
button-admin-log = Журнал
button-admin-back = ‹ К панели
button-admin-find = Найти
button-admin-order =
    { $order ->
        [new] Сначала новые
       *[seen] Сначала недавние
    }
button-admin-person = { $mark } { $name }
button-admin-to-people = ‹ К людям
button-admin-to-person = ‹ К карточке

## Карточка

admin-card-name = <b>{ $name }</b>
admin-card-nameless = без имени
admin-card-username = @{ $username }
admin-card-level =
    { $level ->
        [guest] 👤 гость
        [member] 🌱 участник
        [admin] ⭐ админ
       *[blocked] ⛔ доступ закрыт
    }
admin-card-by-settings = ⭐ админ — так задано в настройках
admin-card-by-mode =
    { $level ->
        [guest] 👤 гость — так решает режим доступа
       *[member] 🌱 участник — так решает режим доступа
    }
admin-card-telegram = Telegram: <code>{ $id }</code>
admin-card-no-telegram = Telegram: пока не привязан
admin-card-user = user_id: <code>{ $id }</code>
admin-card-seen = Последний визит: { $when }
admin-card-since = С нами с { $date }
admin-card-language =
    { $language ->
        [en] Язык: английский
       *[ru] Язык: русский
    }
admin-card-visions = Визии: в пути { $active }, в архиве { $frozen }
admin-card-messages = Сообщения: { $count }
admin-card-today = Сегодня: токены { $tokens }, ${ $usd }
admin-card-month = За месяц: токены { $tokens }, ${ $usd }
admin-card-unreachable = 🔕 Бот у человека заблокирован: сообщения дождутся возвращения.
admin-card-erase = ⏳ Просьба забыть: данные сотрутся { $date }.

button-admin-allow = Впустить
button-admin-by-mode = Отозвать допуск
button-admin-block = Закрыть доступ
button-admin-unblock = Вернуть доступ
button-admin-limits = Лимиты
button-admin-write = Написать
button-admin-appoint = Сделать админом
button-admin-dismiss = Снять с админов
button-admin-yes-block = Да, закрыть
button-admin-yes-appoint = Да, сделать
button-admin-yes-dismiss = Да, снять
button-admin-no = Не надо

admin-sure-block =
    Закрыть доступ: <b>{ $name }</b>?

    Ответы и письма, которые уже в пути, остановятся, дальше бот промолчит. Доступ можно вернуть, и всё продолжится с того же места.
admin-sure-appoint =
    Сделать админом: <b>{ $name }</b>?

    Откроется эта панель: люди, приглашения, рассылки, назначение других админов.
admin-sure-dismiss =
    Снять с админов: <b>{ $name }</b>?

    Панель закроется, разговоры и визии останутся.
admin-toast-done = Готово
admin-toast-already = Уже так
admin-toast-by-settings = Этот админ задан в настройках: ADMIN_IDS
admin-toast-yourself = Себя так изменить нельзя: попроси другого админа

## Лимиты

admin-limits =
    <b>Лимиты: { $name }</b>

    «свой» — только для этого человека, остальное — как у уровня. Что поменять?
admin-limit-name =
    { $limit ->
        [tokens_per_day] токены в день
        [messages_per_minute] сообщения в минуту
       *[messages_per_day] сообщения в день
    }
admin-limit-line = • { $limit }: <b>{ $value }</b>
admin-limit-own = { $value }, свой
admin-limit-none = без предела
admin-limit-value = { $value }
admin-limit-choose = <b>{ $name }</b>: { $limit }. Сейчас: { $value }.
admin-limit-ask =
    <b>{ $name }</b>: { $limit }.

    Пришли число. Ноль — без предела.
admin-limit-bad = Нужно целое число от нуля до { $most }. Пришли ещё раз или вернись к карточке.
button-admin-tokens = Токены в день
button-admin-minute = Сообщения в минуту
button-admin-day = Сообщения в день
button-admin-unbounded = Без предела
button-admin-like-level = Как у уровня
button-admin-own-number = Своё число
button-admin-to-limits = ‹ К лимитам

## Письмо

admin-letter-ask =
    <b>Письмо: { $name }</b>

    Пришли текст одним сообщением. Покажу, как он выглядит, и спрошу ещё раз.
admin-letter-preview = Так это увидит <b>{ $name }</b> под заголовком «Сообщение от команды»:
admin-letter-long = Длинновато: помещается { $limit } знаков. Пришли покороче.
admin-letter-sent = Отправлено: <b>{ $name }</b>.
admin-letter-waits = Сохранено: <b>{ $name }</b>. Бот у человека заблокирован, отдам по возвращении.
admin-letter-blocked = Доступ закрыт: <b>{ $name }</b>. Чтобы написать, сначала верни доступ.
button-admin-send = Отправить

## Приглашения

admin-invites =
    { $count ->
        [0] <b>Приглашения</b>

            Пока ни одного. Приглашение — ссылка, по которой входят участники.
       *[other] <b>Приглашения</b>

            Ссылки, по которым входят участники: занято мест, до какого дня.
    }
admin-invite-plan =
    <b>Новое приглашение</b>

    Сколько мест и на сколько дней?
admin-invite-note =
    Пришли пометку для себя: для кого эта ссылка. Человек её не увидит.
admin-invite-link =
    <b>Приглашение готово</b>

    { $link }

    Мест: { $uses }, действует до { $when }. Ссылку покажу один раз: скопируй её сейчас.
admin-invite-label = { $used }/{ $uses } · до { $date }
admin-invite-label-noted = { $label } · { $note }
admin-invite-label-over = ✕ { $label }
admin-invite =
    <b>Приглашение № { $id }</b>

    Занято мест: { $used } из { $uses }
    Создано { $made }
    { $state ->
        [revoked] Отозвано
        [over] Срок вышел { $until }
        [full] Все места заняты
       *[open] Действует до { $until }
    }
admin-invite-noted = Пометка: { $note }
admin-invite-sure = Отозвать приглашение № { $id }? Больше по нему никто не войдёт; кто уже здесь, остаётся.
admin-invite-toast-made = Приглашение по этой кнопке уже сделано
button-admin-invite-new = ＋ Пригласить
button-admin-uses =
    { $count ->
        [one] { $count } место
        [few] { $count } места
       *[many] { $count } мест
    }
button-admin-days =
    { $count ->
        [one] { $count } день
        [few] { $count } дня
       *[many] { $count } дней
    }
button-admin-invite-make = Сделать ссылку
button-admin-invite-note = Сделать с пометкой
button-admin-invite-revoke = Отозвать
button-admin-invite-yes = Да, отозвать
button-admin-to-invites = ‹ К приглашениям

## Журнал

admin-log =
    { $count ->
        [0] <b>Журнал</b>

            Пока пусто: админы ещё ничего не делали.
       *[other] <b>Журнал</b> · записей: { $count }
    }
admin-log-line = { $when } · <b>{ $admin }</b>: { $what }
admin-log-moment = { $day } { $time }
admin-act-level =
    { $to ->
        [member] открыт доступ
        [guest] теперь гость
        [admin] теперь админ
        [blocked] закрыт доступ
       *[mode] доступ по режиму
    }: { $user }
admin-act-unblocked = возвращён доступ: { $user }
admin-act-dismissed = больше не админ: { $user }
admin-act-limits = лимиты: { $user } ({ $limits })
admin-act-limit-own = { $limit } — { $value }
admin-act-limit-level = { $limit } — как у уровня
admin-act-letter = письмо: { $user }
admin-act-invite = приглашение № { $id }, мест { $uses }
admin-act-revoked = отозвано приглашение № { $id }
admin-act-broadcast =
    { $act ->
        [broadcast_drafted] набросок рассылки
        [broadcast_dropped] набросок рассылки убран
        [broadcast_started] рассылка начата
        [broadcast_paused] рассылка на паузе
        [broadcast_resumed] рассылка продолжена
       *[broadcast_stopped] рассылка остановлена
    } № { $id }
admin-act-gone = человек, которого здесь больше нет
admin-act-erase = стирание данных: { $user }
admin-act-keep = стирание отменено: { $user }
admin-act-other = { $act }
admin-act-other-user = { $act }: { $user }
