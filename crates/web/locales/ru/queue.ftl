# Очередь: что требует внимания, полка на сегодня, остальное, черновики.

queue-morning = Доброе утро, { $name }
queue-day = Добрый день, { $name }
queue-evening = Добрый вечер, { $name }
queue-night = Не спится, { $name }?
queue-lede = { $n ->
    [0] Сегодня пока ничего не выходит.
    [one] Сегодня { $n } публикация.
    [few] Сегодня { $n } публикации.
   *[other] Сегодня { $n } публикаций.
}
queue-empty = На полке пусто
queue-empty-more = Перетащите сюда видео. Разольём по неделе так, как вы скажете.
queue-attention = Требует внимания
queue-reconnect = «{ $name }» просит переподключить TikTok.
queue-reconnect-more = TikTok больше не принимает наш доступ. До тех пор посты ждут.
queue-unknown = Мы не знаем, вышел ли пост «{ $title }».
queue-unknown-more = Посмотрите, пожалуйста. Повторять сами не станем.
queue-look = Посмотреть и решить
queue-failed = «{ $title }»: { $what }
queue-untitled = Пост без названия
queue-nothing-today = На сегодняшней полке пусто.
queue-shelf = Публикации сегодня
queue-today-list = Ещё сегодня
queue-drafts = Черновики
queue-move-or-now = Перенести или опубликовать
queue-cancel = Отменить пост

move-title = Другое время
move-lede = Тот же файл, та же подпись, тот же выбор. Новое время требует нового согласия.
move-when = Когда
move-submit = Перенести
move-now = Опубликовать сейчас
cancel-title = Отменить этот пост?
cancel-text = Он не выйдет. Файл и текст останутся, пост можно запланировать снова.
cancel-confirm = Отменить пост
flash-saved = Черновик сохранён.
flash-scheduled = Запланировано. Нальём вовремя.
flash-sent = Отправляем. TikTok может понадобиться несколько минут, чтобы показать видео.
flash-inbox = Отправляем черновиком в TikTok. Нажмите на уведомление в приложении TikTok, чтобы закончить.
flash-moved = Перенесено.
flash-cancelled = Отменено. Пост не выйдет.
flash-deleted = Черновик удалён.
conflict-post-changed-meanwhile = Пост тем временем изменили. Посмотрите на него ещё раз и решите.
flash-answered = Спасибо. Ваш ответ останется в истории.
