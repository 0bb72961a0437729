## Рассылка: её видят только админы

broadcast-ask =
    <b>Новая рассылка</b>

    Пришли сообщение таким, каким его увидят люди: текст, фото или документ с подписью. Оформление и ссылки сохранятся.

    Я не перевожу: на каком языке напишешь, на таком все и прочтут.
broadcast-kind = Разослать могу текст, фото или документ. Пришли что-то из этого или нажми «Отмена».
broadcast-album = Альбом целиком разослать не получится. Пришли одно фото или один документ — подпись можно оставить.
broadcast-caption-long = Подпись длинновата: вместе с файлом Telegram берёт у ботов до 1024 знаков. Сократи её или пришли текст отдельно.
broadcast-refused = Telegram не принимает это сообщение даже сюда, в наш чат. Пришли его немного иначе или нажми «Отмена».
broadcast-choose = Так это увидят люди. Кому отправим?
broadcast-sure =
    { $count ->
        [0] Сейчас таких людей нет. Выбери, кому ещё можно отправить.
        [one] Отправить <b>{ $count } человеку</b>?
       *[other] Отправить <b>{ $count } людям</b>?
    }
broadcast-to = Кому: { $whom }
broadcast-as-is = Перевода не будет: каждый прочтёт на том языке, на котором ты написал.
broadcast-whom =
    { $whom ->
        [all] всем
        [week] кто заходил за 7 дней
        [month] кто заходил за 30 дней
        [ru] кто говорит по-русски
        [en] кто говорит по-английски
        [guest] гостям
        [member] участникам
        [admin] админам
       *[some] избранным
    }
broadcast-status =
    { $status ->
        [sending] 📣 <b>Рассылка идёт</b>
        [paused] ⏸ <b>Рассылка на паузе</b>
        [stopped] ⏹ <b>Рассылка остановлена</b>
       *[finished] ✅ <b>Рассылка закончена</b>
    }
broadcast-halted = ⏸ <b>Рассылка на паузе</b>: Telegram подряд отказывается брать это сообщение. Если дело не в нём, нажми «Продолжить».
broadcast-bar = { $bar } { $percent } %
broadcast-bar-full = ▓
broadcast-bar-empty = ░
broadcast-sent = Получили: <b>{ $count }</b> из { $people }
broadcast-blocked = Закрыли бота: { $count }
broadcast-skipped = Больше не пишем (заблокированы или уходят): { $count }
broadcast-failed = Telegram не взял: { $count }
broadcast-unclear = Неясно, дошло ли (второй раз не шлём): { $count }
broadcast-unsent = Не отправлено: { $count }
broadcast-pace = В секунду: { $count }
broadcast-left =
    { $hours ->
        [0] { $minutes ->
            [0] Осталось меньше минуты
           *[other] Осталось примерно { $minutes } мин
        }
       *[other] Осталось примерно { $hours } ч { $minutes } мин
    }
broadcast-dropped = Хорошо, никому не отправил.
broadcast-list =
    { $count ->
        [0] Рассылок ещё не было.
       *[other] <b>Рассылки</b>: сначала те, что идут сейчас.
    }
broadcast-stop-sure = Остановить рассылку насовсем? Те, кому она ещё не ушла, её не получат; продолжить потом будет нельзя.
broadcast-stop-now = Останавливаю: новых отправок больше не будет.
broadcast-stop-not = Хорошо, пусть идёт.
toast-broadcast-nobody = Отправлять уже некому: выбери, кому ещё
toast-broadcast-paused = Пауза. Отправки, что уже в пути, дойдут
toast-broadcast-sending = Продолжаю
toast-broadcast-over = Эта рассылка уже закончилась
button-broadcast-new = ＋ Новая рассылка
button-broadcast-send = Отправить ({ $count })
button-broadcast-whom = Другим людям
button-broadcast-pause = ⏸ Пауза
button-broadcast-resume = ▶ Продолжить
button-broadcast-stop = ⏹ Остановить
button-broadcast-stop-yes = Да, остановить
button-broadcast-stop-no = Не надо
button-broadcasts = ‹ К рассылкам
button-broadcast-panel = ‹ В панель
button-broadcast =
    { $status ->
        [sending] 📣 { $date } · { $done } из { $people }
        [paused] ⏸ { $date } · { $done } из { $people }
        [stopped] ⏹ { $date } · { $done } из { $people }
       *[finished] ✅ { $date } · { $done } из { $people }
    }
