# Забрать всё с собой: попросить файл, сколько готово, и скачать.

export-title = Забрать с собой
export-lede = Один файл со всем, что мы храним о вас и вашем рабочем пространстве; его прочтут и другие программы. Он готов через несколько минут.
export-with-files = С моими видео и картинками
export-with-files-note = { $n ->
    [0] Сейчас их нет.
    [one] { $n } файл, { $size }
    [few] { $n } файла, { $size }
   *[other] { $n } файлов, { $size }
}
export-ask = Собрать файл
export-again = Собрать новый файл
export-waiting = Ваш файл вот-вот начнут собирать.
export-building = Файл собирается: { $done } из { $total }
export-look = Посмотреть ещё раз
export-leave-page = Страницу можно закрыть: файл подождёт вас здесь.
export-ready = Ваш файл готов.
export-made = Собран
export-size = Размер
export-contents = С файлами
export-contents-yes = да
export-contents-no = нет
export-link-until = Кнопка работает до
export-gone = Файл будет удалён
export-hash = SHA-256
export-fetch = Скачать
export-keep = Никому его не передавайте: по нему видны ваши посты, планы и то, откуда вы входили.
export-next = Следующий файл можно собрать позже ({ $at }): один в сутки.
export-failed = Файл собрать не удалось.
export-failed-disk = На сервере сейчас мало места. Попробуйте позже; оператор это тоже видит.
export-failed-trouble = Что-то пошло не так у нас. Попробуйте ещё раз; если не выйдет снова, напишите нам.
export-format = Что в файле

held-exports = Файлы, чтобы забрать с собой
data-why-exports = Чтобы отдать вам ваши данные в виде, который прочтут другие программы.
data-from-exports = вы
data-to-exports = никто
data-class-exports = Файлы с вашими данными, которые вы попросили

error-export-underway = Ваш файл уже собирается.
error-export-underway-todo = Откройте «Ваши данные»: там видно, сколько уже готово.
error-export-too-soon = Файл можно собрать раз в 24 часа, а прошлый моложе.
error-export-too-soon-todo = Откройте «Ваши данные»: там сказано, с какого времени можно собрать следующий. Прошлый ещё там.
