# Настройки.

settings-preferences = Вид и язык
settings-zone = Часовой пояс
settings-zone-now = Время вводится и показывается по { $zone }. Запланированные посты сохранят свой момент.
settings-sessions = Где вы вошли
settings-sessions-more = Завершите то, чего не узнаёте: доступ исчезнет сразу.
settings-this-one = этот
settings-opened = вход
settings-seen = последний раз
settings-end = Завершить
flash-settings-saved = Сохранено.
flash-session-ended = Этот сеанс завершён.
