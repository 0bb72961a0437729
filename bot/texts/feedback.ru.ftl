# Отзывы: слово команде, её ответы, оценки под ответами спутника.

command-feedback = Написать команде

button-vote-up = 👍
button-vote-down = 👎
button-vote-up-set = 👍 ✓
button-vote-down-set = 👎 ✓
button-what-was-wrong = Что было не так?
toast-vote = Спасибо!
toast-vote-taken-back = Убрал оценку

feedback-ask =
    Расскажи, что нравится, что мешает, чего не хватает. Подойдёт текст, голосовое, фото или документ — одним сообщением.

    Это прочтут люди, которые делают бота, и смогут ответить тебе здесь же.
feedback-ask-answer =
    Что было не так с этим ответом? Напиши или наговори одним сообщением.

    Команда увидит только то, что ты пришлёшь сейчас. Наш разговор остаётся между нами.
feedback-thanks = Спасибо! Передал команде. Если ответят, напишу сюда.
feedback-too-many = Это я уже не передал: на сегодня для команды достаточно, дай им прочитать. Завтра можно продолжить.
feedback-long =
    { $limit ->
        [one] Длинновато для одного раза: помещается { $limit } знак, а подпись к файлу ещё короче. Пришли самое важное.
        [few] Длинновато для одного раза: помещается { $limit } знака, а подпись к файлу ещё короче. Пришли самое важное.
       *[many] Длинновато для одного раза: помещается { $limit } знаков, а подпись к файлу ещё короче. Пришли самое важное.
    }
feedback-kind = Такое передать не получится. Пришли текст, голосовое, фото или документ.
feedback-from-team =
    💬 <b>Ответ команды</b>
    <i>Чтобы ответить, нажми на это сообщение и выбери «Ответить».</i>

## Для админов

button-feedback = Отзывы
button-feedback-answer = Ответить
button-feedback-done = ✓ Разобрано
button-feedback-reopen = Вернуть в работу
button-feedback-talk = Переписка
button-feedback-person = Карточка
button-feedback-list = ‹ К отзывам
toast-feedback-done = Разобрано
toast-feedback-reopened = Снова в работе
feedback-nameless = Без имени
feedback-team = Команда
feedback-word = 💬 <b>{ $name }</b> пишет команде
feedback-word-again = 💬 <b>{ $name }</b> отвечает команде
feedback-word-about-answer = 👎 <b>{ $name }</b> об ответе спутника
feedback-list =
    { $count ->
        [0] Неразобранных отзывов нет.
        [one] Неразобран { $count } отзыв.
        [few] Неразобрано { $count } отзыва.
       *[many] Неразобрано { $count } отзывов.
    }
feedback-mark-waits = ●
feedback-mark-answered = ↩
feedback-talk = Переписка: <b>{ $name }</b>
feedback-talk-done = Переписка: <b>{ $name }</b>, разобрано
feedback-said = <b>{ $name }</b>, { $when }
feedback-about-answer = <i>об ответе спутника</i>
feedback-file = <i>файл — ниже отдельным сообщением</i>
feedback-ask-reply = Напиши ответ для <b>{ $name }</b>: текст, голосовое, фото или документ. Он придёт от имени команды.
feedback-answered = Отправил.
admin-act-feedback-answer = ответ на отзыв: { $user }
admin-act-feedback-done = отзыв разобран: { $user }
admin-act-feedback-reopened = отзыв снова в работе: { $user }
