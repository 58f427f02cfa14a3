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
flash-media-deleted = Удалено.
library-older = Файлы постарше
library-open = Незаконченные загрузки
library-open-more = Выберите тот же файл в разделе загрузки ещё раз — она продолжится с того же места.
library-open-until = хранится, срок истекает
library-give-up = Отказаться
flash-upload-given-up = Загрузка отменена. Всё, что успело прийти, удалено.
