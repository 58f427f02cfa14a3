# Страница поста и страница перед ней, где выбирают файлы и аккаунты.

compose-title = Новый пост
compose-title-edit = Правка поста
compose-lede = { $n ->
    [one] { $n } аккаунт, { $n } пост, одно согласие.
    [few] { $n } аккаунта, { $n } поста. У каждого свой выбор и своё согласие.
   *[other] { $n } аккаунтов, { $n } постов. У каждого свой выбор и своё согласие.
}
compose-batch = Публикации, начатые вместе
compose-batch-place = Публикация { $n } из { $count }
compose-batch-before = Предыдущая
compose-batch-after = Следующая
compose-batch-each = У каждой публикации свои настройки и своё согласие. В TikTok ничего не уйдёт, пока вы не нажмёте её кнопку.
compose-accounts = Посты по аккаунтам
compose-add-account = Добавить аккаунт
compose-reload = Показать последнее
compose-stale = Этот пост изменили в другой вкладке.
compose-stale-do = Набранное здесь не сохранено. Скопируйте нужное и откройте последнюю версию.
compose-scheduled-edit = Этот пост запланирован.
compose-scheduled-edit-more = Любая правка требует нового согласия: нажмите «Запланировать», когда закончите, или «Сохранить черновик», чтобы снять пост с плана.
compose-posted-to-photos = Фото выйдут в аккаунте
compose-posted-to = Видео выйдет в аккаунте
compose-can-post = Можно публиковать
compose-length = { $length } из { $max }
compose-tiktok-silent = TikTok ответил: { $code }
compose-caption = Подпись
compose-caption-hint = # и @ работают как в TikTok.
compose-caption-too-long = Подпись слишком длинная. Сократите её.
compose-privacy-photos = Кто увидит фото
compose-privacy = Кто увидит видео
compose-privacy-choose = Выберите, кто увидит
compose-privacy-unknown = TikTok ещё не сообщил, кто может смотреть. Обновите страницу через минуту.
compose-privacy-later = Кто увидит видео, выбирают, когда аккаунт снова сможет публиковать.
compose-branded-private-local = Рекламный контент не может быть закрытым.
privacy-everyone = Все
privacy-friends = Друзья
privacy-followers = Подписчики
privacy-only-you = Только вы
compose-viewers-may = Зрителям можно
compose-comment = Комментировать
compose-duet = Снимать дуэт
compose-stitch = Делать сшивку
compose-turned-off = Выключено в этом аккаунте TikTok
compose-disclosure = Это коммерческий контент
compose-disclosure-note = Включите, если пост продвигает вас, бренд, товар или услугу.
compose-your-brand = Ваш бренд
compose-your-brand-note = Вы продвигаете себя или своё дело.
compose-branded = Рекламный контент
compose-branded-note = Вы продвигаете чужой бренд или третье лицо.
compose-ai = Создано с помощью ИИ
compose-ai-note = TikTok поставит метку, которую видят зрители.
compose-photos = Фото
compose-photo-title = Заголовок
compose-photo-description = Описание
compose-photo-of = Фото { $n } из { $count }
compose-photo-earlier = Сдвинуть фото { $n } на место раньше
compose-photo-later = Сдвинуть фото { $n } на место позже
compose-photo-remove = Убрать фото { $n } из поста
compose-photo-add = Добавить фото из библиотеки
compose-photo-add-one = Добавить { $name }
compose-music = Разрешить TikTok добавить музыку
compose-music-note = Рекомендованный трек. Сменить его можно в приложении TikTok.
compose-preview = Предпросмотр
compose-cover = Обложка
compose-cover-own = Момент ниже
compose-out-before = То же самое уже выходило.
compose-out-before-more = Опубликовать можно и ещё раз, это только напоминание.
compose-cover-moment = Момент обложки
compose-cover-hint = Обложкой станет кадр самого видео в этот момент.
compose-nothing-sent = Файл ждёт на нашем сервере. В TikTok ничего не уйдёт, пока вы не нажмёте кнопку ниже.
compose-send = Согласие и время
compose-declaration-music = Публикуя, вы соглашаетесь с подтверждением TikTok об использовании музыки.
compose-declaration-branded = Публикуя, вы соглашаетесь с правилами TikTok о рекламном контенте и с подтверждением об использовании музыки.
compose-takes-minutes = После публикации TikTok может понадобиться несколько минут, чтобы показать пост в профиле. Изменить или удалить его отсюда нельзя.
compose-date = Дата
compose-time = Время
compose-time-missing = Выберите дату и время или нажмите «Опубликовать сейчас».
compose-time-jumps = В это время переводят часы. Посмотрите, что это значит, и снова нажмите «Запланировать».
compose-gap = Такого времени нет: часы его перескакивают.
compose-gap-more = Пост вышел бы в { $moved }.
compose-crowded = { $n ->
    [one] Перед { $time } уходят другие посты этого аккаунта: этот сможет выйти с { $from }.
    [few] { $n } поста на { $time } в этом аккаунте: этот сможет выйти с { $from }.
   *[other] { $n } постов на { $time } в этом аккаунте: этот сможет выйти с { $from }.
}
compose-crowded-more = TikTok начинает не больше шести постов аккаунта в минуту. Если важна минута, выберите другое время.
compose-crowded-held = Это опоздание больше { $minutes } мин, поэтому пост был бы придержан, и мы спросили бы вас. Выберите другое время.
compose-sending = Отправка этого файла в TikTok займёт { $minutes ->
    [one] { $minutes } минуту
    [few] { $minutes } минуты
   *[other] { $minutes } минут
}: пост сможет выйти с { $from }.
compose-sending-more = Скорость отправки на этом сервере ограничена. Если важна минута, выберите время позже.
compose-cap-posts = Это был бы { $n }-й пост аккаунта за 24 часа.
compose-cap-posts-more = Обычно TikTok берёт около { $typical }, считая все приложения. Если он откажет, мы придержим пост и спросим вас.
compose-cap-drafts = Это был бы { $n }-й черновик во «Входящих» за 24 часа.
compose-cap-drafts-more = Незаконченных черновиков TikTok держит не больше { $most }. Закончите часть в приложении TikTok; если он откажет, мы придержим этот и спросим вас.
compose-overlap = Это время бывает дважды. Какое вы имеете в виду?
compose-overlap-first = Первое, { $offset }
compose-overlap-second = Второе, { $offset }
compose-save = Сохранить черновик
compose-saved = Сохранено
compose-conflict-do = То, что вы здесь пишете, больше не сохраняется. Скопируйте нужное и загрузите последнюю версию.
compose-earlier = Прежние версии ({ $n })
compose-earlier-wordless = Без подписи
compose-earlier-time = На { $at }
compose-earlier-restore = Вернуть эту версию
compose-earlier-kept = Последние { $n } версий черновика хранятся { $days } дней.
compose-restored = Черновик снова такой, каким был.
compose-restored-more = То, что было здесь только что, стоит первым среди прежних версий.
compose-restored-undo = Отменить
compose-schedule = Запланировать
compose-now = Опубликовать сейчас
compose-inbox = Во входящие TikTok
compose-inbox-what-photos = Черновиком уходят фото с заголовком и описанием, без остальных настроек
compose-inbox-explained-photos = Фото попадут во входящие TikTok черновиком. В приложении TikTok (31.8 или новее) на телефоне появится уведомление: нажмите на него и выберите настройки там. Заголовок и описание TikTok сохраняет, остальной выбор отсюда отбрасывает, ждать могут не больше 5 черновиков.
compose-inbox-what = Черновиком уходит только видео, без подписи и настроек
compose-inbox-explained = Видео попадёт во входящие TikTok черновиком. В приложении TikTok на телефоне появится уведомление: нажмите на него, там напишите подпись и выберите настройки. Подпись и настройки отсюда TikTok отбрасывает, ждать могут не больше 5 черновиков.
compose-delete = Удалить черновик

compose-start-lede = Выберите видео или до 35 фото для одной публикации и аккаунты для них.
compose-each-video = Каждое видео станет отдельной публикацией.
compose-too-many-files = За один раз можно выбрать не больше 50 файлов.
compose-drop = Перетащите сюда видео или фото или выберите их
compose-record = Снять видео
compose-drop-hint = MP4, MOV или WebM, до 4 ГБ, от 23 до 60 кадров в секунду. Фото: JPEG или WebP, до 20 МБ, короткая сторона до 1080 пикселей. После обрыва связи загрузка продолжится.
compose-upload = Загрузить
compose-uploading = Загружаем
compose-pause = Пауза
compose-resume = Продолжить
compose-remove = Убрать
compose-upload-cut = Связь пропала. Сохраним то, что дошло, и продолжим оттуда.
compose-from-library = Уже загружено
compose-no-media = Пока ничего не загружено.
compose-which-accounts = Для каких аккаунтов
compose-start = Дальше
compose-no-account = Сначала подключите аккаунт TikTok.
compose-connect = Подключить аккаунт
compose-choose-media = Сначала выберите видео или фото.
compose-one-kind = Публикация состоит из одного видео или только из фото.
compose-photos-hint = До 35 в одном посте, в том порядке, в каком вы их выбрали
compose-photos-unreachable = Этот сервер не может публиковать фото: TikTok забирает их сам, а у сервера нет для этого публичного адреса https. Настроить его может оператор.
compose-too-many-photos = В одном посте TikTok берёт не больше 35 фото. Снимите лишние отметки.
compose-choose-account = Отметьте хотя бы один аккаунт.
compose-next-slot = Ближайший свободный слот: { $at }

# Клавиши страниц, счёт и копирование подписей.
keys-title = Клавиши
keys-list = Этот список
keys-on = Одиночные клавиши работают
keys-on-note = Для этого браузера. Выключите, если диктуете голосом или нажимаете клавиши случайно.
keys-close = Закрыть
keys-caption = Писать подпись
keys-next-post = Следующая публикация
keys-previous-post = Предыдущая публикация
compose-hashtags = Хештеги:
compose-mentions = Упоминания:
compose-emoji = Эмодзи: Windows и точка, на Mac — Ctrl, Cmd и пробел
compose-copy = Скопировать подпись
compose-copied = Подпись скопирована.
flash-slot-filled = Дата и время заполнены. Ничего ещё не запланировано: проверьте их и нажмите «Запланировать».
