# Медиатека.

library-lede = Ваши файлы, измеренные, и что скажет о каждом TikTok.
library-add = Загрузить
library-room = Занято { $used } из { $quota }
library-empty = Пока ничего нет
library-empty-more = Загруженные файлы появятся здесь со всем, что мы измерили.
library-size = Размер
library-picture = Кадр
library-fps = Кадров в секунду
library-format = Формат
library-uploaded = Загружен
library-used = Используют
flash-media-deleted = Удалено. Расписка — в разделе «Ваши данные» → «Расписки».
library-room-videos = видео { $size }
library-room-photos = фото { $size }
library-room-other = прочее { $size }
library-search = Поиск по названиям и меткам
library-any = Любые
library-kind = Вид
library-kind-video = Видео
library-kind-photo = Фото
library-fits = Для TikTok
library-fits-yes = Подходят
library-fits-fixable = Можно сделать подходящими
library-fits-no = Не подходят
library-use = В постах
library-used-yes = Используются
library-used-no = Не используются
library-tag = Метка
library-tags = Метки
library-tags-hint = Ваши собственные слова через запятую.
library-tags-save = Сохранить метки
library-tags-change = Изменить метки
library-tags-add-label = Какие метки добавить
library-tags-add = Добавить метки
flash-library-tagged = Метки добавлены.
flash-library-tags-saved = Метки сохранены.
library-sort = Порядок
library-sort-newest = Сначала новые
library-sort-largest = Сначала большие
library-sort-soonest = Сначала те, что скоро удалятся
library-show = Показать
library-show-all = Показать все
library-cut = Файлов больше, чем просматривает поиск: здесь просмотрены { $n } самых новых.
library-none = Таких файлов нет
library-none-more = Уберите часть слов или фильтров.
library-more = Ещё файлы
library-pick = Выбрать
library-chosen = С выбранными файлами:
library-compose = Новый пост
library-delete-chosen = Удалить …
library-too-long-for = Слишком длинное для { $name } (не больше { $longest })
library-fits-account = Подходит для { $name }
library-made-from = Сделан из
library-same = То же содержимое, что и у
library-goes = Посты вышли. Файл удалится сам, не раньше:
library-held = Посты вышли, но пока хранить файл нас обязывает закон. Он удалится сам, не раньше:
library-stays = Хранится, пока вы его не удалите или пока не пройдёт срок после выхода всех его постов.
library-account-gone = аккаунт, который больше не подключён
library-unused = Ни один пост его не использует.
library-delete-title = Удаление файлов
library-delete-going = { $n ->
    [one] Будет удалён { $n } файл, { $size }
    [few] Будут удалены { $n } файла, { $size }
   *[other] Будут удалены { $n } файлов, { $size }
}
library-delete-final = Отменить это нельзя. С диска файлы уходят сразу, из резервных копий в течение { $days } дн.
library-delete-now = { $n ->
    [one] Удалить { $n } файл
    [few] Удалить { $n } файла
   *[other] Удалить { $n } файлов
}
library-delete-kept = { $n ->
    [one] Остаётся { $n } файл
    [few] Остаются { $n } файла
   *[other] Остаются { $n } файлов
}
library-delete-kept-why = Они нужны постам. Сначала удалите черновики или дождитесь выхода постов: после этого файлы со временем удалятся сами.
library-back = Вернуться в медиатеку
library-receipt = Расписка
library-receipt-what = { $n ->
    [one] Удалён { $n } файл, { $size }
    [few] Удалены { $n } файла, { $size }
   *[other] Удалено { $n } файлов, { $size }
}
library-receipt-files = Файлов
library-receipt-bytes = Байт
library-receipt-disk = Удалено
library-receipt-backups = Исчезнет из резервных копий до
library-receipt-keep = Расписка хранится до { $at }; её можно снова найти в разделе «Ваши данные» → «Расписки».
flash-library-none-chosen = Сначала выберите файлы.
library-open = Незаконченные загрузки
library-open-more = Выберите тот же файл в разделе загрузки ещё раз — она продолжится с того же места.
library-open-until = хранится, срок истекает
library-give-up = Отказаться
flash-upload-given-up = Загрузка отменена. Всё, что успело прийти, удалено.
library-does-not-fit = Не подходит:
fit-ask = Сделать подходящим
fit-cut = Вырезать часть
fit-part = Только часть
fit-from = От
fit-until = До
fit-part-hint = Минуты и секунды, например 1:15. Пустые поля — всё видео целиком.
fit-what-video = Получится MP4 (H.264), который возьмёт TikTok, новым файлом. Места и устройства, названные в файле, не сохранятся. Этот файл останется.
fit-what-photo = Получится JPEG, который возьмёт TikTok, новым файлом. Места и устройства, названные в файле, не сохранятся. Этот файл останется.
fit-unavailable = Этот сервер не умеет преобразовывать файлы. Преобразуйте файл на своём устройстве и загрузите снова.
fit-waiting = Ждёт своей очереди.
fit-working = Преобразуется…
fit-working-left = Преобразуется: { $percent } %, осталось около { $left }
fit-cancel = Остановить
fit-look = Посмотреть ещё раз
fit-ready = Готово: подходит, лежит новым файлом.
fit-use = Взять в пост
fit-show = Показать
fit-see = Посмотреть, сколько осталось
fit-why = Посмотреть почему
fit-failed = Сделать файл подходящим не получилось.
fit-failed-no-converter = Программа преобразования на этом сервере не запускается. Сообщите оператору.
fit-failed-too-slow = Это заняло больше времени, чем позволяет сервер. Попробуйте часть покороче.
fit-failed-unreadable = Программа преобразования не смогла прочитать файл. Преобразуйте его на своём устройстве и загрузите снова.
fit-failed-disk-full = На сервере не осталось места. Попробуйте позже.
fit-failed-no-quota = Результату нужно больше места, чем осталось в библиотеке. Удалите что-нибудь и попробуйте ещё раз.
fit-failed-source-gone = Сам файл удалён.
fit-failed-still-not-fit = Того, что получилось, TikTok тоже не возьмёт. Преобразуйте файл на своём устройстве и загрузите снова.
fit-failed-trouble = На сервере что-то сломалось. Попробуйте ещё раз; если повторится, сообщите оператору.
flash-fit-asked = Файл преобразуется. Страницу можно закрыть.
flash-fit-cancelled = Остановлено.
error-too-many-tags = У файла может быть не больше 20 меток.
error-too-many-tags-todo = Уберите лишние и сохраните снова.
error-tag-too-long = Метка не длиннее 40 символов.
error-tag-too-long-todo = Вернитесь и сократите её; метки разделяются запятыми.
error-no-tags = Ни одной метки не введено.
error-no-tags-todo = Вернитесь и введите хотя бы одну.
