# План в виде электронной таблицы.

sheet-title = Электронные таблицы
sheet-import = Загрузить файл
sheet-file = CSV или XLSX
sheet-file-hint = Не больше 2 МБ, строк — до { $rows }, столбцов — до { $columns }; CSV в кодировке UTF-8. Сначала покажем, что получится; до этого ничего не создаётся.
sheet-try = Сначала посмотреть
sheet-template-csv = Пустой файл, CSV
sheet-template-xlsx = Пустой файл, XLSX
sheet-columns = Что писать в столбцах
sheet-column-account = Аккаунт: имя пользователя или название.
sheet-column-file = Имя файла в медиатеке. Несколько фото одного поста — каждое с новой строки.
sheet-column-title = Заголовок фото.
sheet-column-caption = Подпись.
sheet-column-privacy = все, друзья, подписчики или только вы. Пусто — выберете позже.
sheet-column-allow-comment = да или нет; пусто — нет.
sheet-column-allow-duet = да или нет; пусто — нет.
sheet-column-allow-stitch = да или нет; пусто — нет.
sheet-column-disclosure = да или нет: рекламный контент.
sheet-column-your-brand = да или нет.
sheet-column-branded-content = да или нет.
sheet-column-ai-generated = да или нет.
sheet-column-cover = Миллисекунды кадра обложки; для фото — номер снимка.
sheet-column-add-music = да или нет; для фото.
sheet-column-date = 2026-12-24 или 24.12.2026.
sheet-column-time = 18:30.
sheet-column-zone = Например, Europe/Berlin. Пусто — ваш часовой пояс.
sheet-column-labels = Метки через запятую, не больше 10. Недостающие будут созданы.
sheet-column-state = Пишется при выгрузке плана, при загрузке не читается.
sheet-export = Выгрузить план
sheet-export-more = Запланированные посты и черновики. Файл загружается обратно без изменений.
sheet-from = С
sheet-until = По, этот день включительно
sheet-tried = { $n ->
    [one] Просмотрена { $n } строка
    [few] Просмотрены { $n } строки
   *[other] Просмотрено { $n } строк
}
sheet-tried-more = Пока ничего не создано.
sheet-ignored = Незнакомые столбцы пропущены: { $heads }
sheet-ready = { $n ->
    [0] Ни одна строка не может стать черновиком.
    [one] { $n } строка станет черновиком.
    [few] { $n } строки станут черновиками.
   *[other] { $n } строк станут черновиками.
}
sheet-left-out = { $n ->
    [one] { $n } строка пропущена.
    [few] { $n } строки пропущены.
   *[other] { $n } строк пропущено.
}
sheet-drafts-only = Черновики появятся в таблице. Каждый мы покажем вам и спросим согласия, прежде чем запланировать.
sheet-make = { $n ->
    [one] Создать { $n } черновик
    [few] Создать { $n } черновика
   *[other] Создать { $n } черновиков
}
sheet-make-again = { $n ->
    [one] Создать { $n } черновик, даже если он уже есть
    [few] Создать { $n } черновика, даже если они уже есть
   *[other] Создать { $n } черновиков, даже если они уже есть
}
sheet-there = { $n ->
    [one] Для { $n } строки пост уже есть.
   *[other] Для { $n } строк посты уже есть.
}
sheet-there-more = У аккаунта есть черновик или запланированный пост с тем же файлом. Такие строки пропустим, если они не нужны вам ещё раз.
sheet-faults = { $n ->
    [one] { $n } замечание
    [few] { $n } замечания
   *[other] { $n } замечаний
}
sheet-row = Строка
sheet-column = Столбец
sheet-cell = Ячейка
sheet-wrong = Что не так
sheet-stops = Пропущена.
sheet-more-faults = И ещё { $n }.
sheet-fault-unknown-account = Подключённого аккаунта с таким именем нет.
sheet-fault-many-accounts = Так называются несколько аккаунтов. Напишите имя пользователя.
sheet-fault-unknown-file = Файла с таким именем в медиатеке нет. Сначала загрузите его.
sheet-fault-many-files = Так называются несколько разных файлов. Переименуйте один и загрузите снова.
sheet-fault-unfit-file = TikTok не примет этот файл. Причина указана в медиатеке.
sheet-fault-mixed-files = Пост — это одно видео или только фото.
sheet-fault-unfit-photos = TikTok принимает в одном посте не больше 35 фото, каждое один раз.
sheet-fault-missing = Эту ячейку нужно заполнить.
sheet-fault-bad-privacy = Напишите: все, друзья, подписчики или только вы — или оставьте пустой.
sheet-fault-bad-answer = Напишите да или нет.
sheet-fault-bad-cover = В этом видео нет такого момента, а в посте — такого снимка.
sheet-fault-bad-date = Это не дата. Пишите так: 2026-12-24 или 24.12.2026.
sheet-fault-bad-time = Это не время. Пишите так: 18:30.
sheet-fault-half-time = Дата и время нужны вместе, а одного из них нет.
sheet-fault-bad-zone = Это не часовой пояс. Пишите так: Europe/Berlin.
sheet-fault-skipped-time = Такого времени нет: часы его перескакивают.
sheet-fault-time-twice = Это время бывает дважды. При проверке спросим, какое вы имеете в виду.
sheet-fault-past-time = Это время уже прошло.
sheet-fault-twin = У этого аккаунта уже есть черновик или запланированный пост с этим файлом.
sheet-fault-went-out = Этот аккаунт уже публиковал этот файл.
sheet-fault-went-out-at = Этот аккаунт уже публиковал этот файл: { $when }.
sheet-fault-same-as-row = В строке { $row } тот же аккаунт и тот же файл.
sheet-fault-too-long = { $used } из { $most } символов. Сократите в таблице.
sheet-fault-long-label = В метке не больше 32 знаков.
sheet-fault-many-labels = На одном посте не больше 10 меток.
sheet-fault-no-room-for-labels = С ними меток станет больше 50. Возьмите существующие или удалите лишние.
sheet-fault-endless = Слишком длинно даже для черновика.
flash-sheet-made = Черновики созданы и стоят в таблице.
