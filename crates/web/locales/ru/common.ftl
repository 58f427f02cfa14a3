# Слова всех страниц: меню, глаголы, состояния, даты, размеры.

home = MOLOKO.VIDEO, на главную
not-sent = Не отправлено: ответа нет. Всё, что вы набрали, осталось здесь; нажмите ещё раз.
skip = К содержанию
nav-main = Главное меню
nav-legal = Документы
nav-queue = Очередь
nav-library = Медиатека
nav-new-post = Новый пост
nav-history = История
nav-connections = Аккаунты
nav-settings = Настройки
badge-attention = { $n ->
    [one] { $n } требует внимания
    [few] { $n } требуют внимания
   *[other] { $n } требуют внимания
}
nav-privacy = Конфиденциальность
nav-terms = Условия
link-privacy = Политика конфиденциальности
link-terms = Условия использования
link-help = Помощь и связь
foot-independent = Независимый сервис, не связан с TikTok.
switch-language = Язык
switch-theme = Цвета
theme-system = Как в системе
theme-light = Светлые
theme-dark = Тёмные

verb-save = Сохранить
verb-delete = Удалить
verb-edit = Изменить
verb-open = Открыть
verb-copy = Скопировать
verb-retry = Попробовать снова
verb-keep = Оставить как есть
verb-reconnect = Переподключить
verb-disconnect = Отключить
verb-sign-out = Выйти
copied = Скопировано
copy-what = Скопировать { $what }
menu-of = Действия: { $what }
form-has-errors = { $n ->
    [one] Нужно исправить { $n } место
    [few] Нужно исправить { $n } места
   *[other] Нужно исправить { $n } мест
}

status-draft = Черновик
status-scheduled = Запланировано
status-publishing = Публикуется
status-published = Опубликовано
status-in-inbox = Во входящих TikTok
status-failed = Не вышло
status-needs-attention = Нужно решение
status-cancelled = Отменено
status-unknown = Исход неизвестен
slot-empty = Свободный слот

count-photos = { $n ->
    [one] { $n } фото
    [few] { $n } фото
   *[other] { $n } фото
}
count-posts = { $n ->
    [one] { $n } пост
    [few] { $n } поста
   *[other] { $n } постов
}

month-1 = января
month-2 = февраля
month-3 = марта
month-4 = апреля
month-5 = мая
month-6 = июня
month-7 = июля
month-8 = августа
month-9 = сентября
month-10 = октября
month-11 = ноября
month-12 = декабря
weekday-1 = Понедельник
weekday-2 = Вторник
weekday-3 = Среда
weekday-4 = Четверг
weekday-5 = Пятница
weekday-6 = Суббота
weekday-7 = Воскресенье
date-day = { $day } { $month }
date-day-year = { $day } { $month } { $year }
date-today = Сегодня, { $day }
date-tomorrow = Завтра, { $day }
date-yesterday = Вчера, { $day }
date-weekday = { $weekday }, { $day }
moment-today = сегодня, { $time }
moment-tomorrow = завтра, { $time }
moment-yesterday = вчера, { $time }
moment-day = { $day }, { $time }
relative-now = сейчас
relative-in-seconds = { $n ->
    [one] через { $n } секунду
    [few] через { $n } секунды
   *[other] через { $n } секунд
}
relative-seconds-ago = { $n ->
    [one] { $n } секунду назад
    [few] { $n } секунды назад
   *[other] { $n } секунд назад
}
relative-in-minutes = { $n ->
    [one] через { $n } минуту
    [few] через { $n } минуты
   *[other] через { $n } минут
}
relative-minutes-ago = { $n ->
    [one] { $n } минуту назад
    [few] { $n } минуты назад
   *[other] { $n } минут назад
}
relative-in-hours = { $n ->
    [one] через { $n } час
    [few] через { $n } часа
   *[other] через { $n } часов
}
relative-hours-ago = { $n ->
    [one] { $n } час назад
    [few] { $n } часа назад
   *[other] { $n } часов назад
}
relative-in-days = { $n ->
    [one] через { $n } день
    [few] через { $n } дня
   *[other] через { $n } дней
}
relative-days-ago = { $n ->
    [one] { $n } день назад
    [few] { $n } дня назад
   *[other] { $n } дней назад
}

size-b = { $n } Б
size-kb = { $n } КБ
size-mb = { $n } МБ
size-gb = { $n } ГБ
size-of = { $done } из { $total }
