# Доска: идеи, черновики, готовое, запланированное; и метки.

nav-board = Доска
board-lede = От первой мысли до плана.
board-ideas = Идеи
board-drafts = Черновики
board-ready = Готово
board-scheduled = По плану
board-columns = Колонки
board-ideas-none = Пока пусто. Запишите, что пришло в голову: ни файл, ни аккаунт для этого не нужны.
board-drafts-none = Черновиков нет. Откройте идею или выберите файл в разделе «Новый пост».
board-ready-none = Готового пока нет. Перетащите сюда черновик, когда он говорит то, что нужно.
board-scheduled-none = Ничего не запланировано. Перетащите сюда карточку, и страница поста спросит время и согласие.
board-idea-new = Новая идея
board-idea-add = Записать
board-idea-words = О чём она
board-idea-account = Аккаунт
board-idea-any-account = Ещё не решено
board-idea-begin = Выбрать для неё файл
board-idea-begin-hint = Идея станет черновиком: с её текста начнётся подпись, метки перейдут вместе с ней.
board-idea-delete = Забыть эту идею
board-idea-delete-why = Её текст исчезнет, и вернуть его будет нельзя.
board-idea-delete-now = Забыть насовсем
board-idea-other = Что за это время записано в другом окне
flash-idea-kept = Сохранено.
flash-idea-deleted = Забыто.
board-sample = Пример
board-more = Ещё
board-more-what = Подробнее о «{ $title }»
board-close = Закрыть
board-move = Куда переместить
board-to = В колонку «{ $column }»
board-to-top = В начало колонки
board-plan = Выбрать время
board-plan-hint = Время выбирают на странице поста: запланированному посту нужно ваше согласие.
board-unplan-hint = Если убрать пост отсюда, он снова станет черновиком: согласие перестанет действовать, и пост не выйдет.
board-plan-again = Запланировать снова
board-moved = «{ $title }» теперь в колонке «{ $column }».
board-moved-within = «{ $title }» стоит на другом месте в колонке «{ $column }».
board-unplanned = «{ $title }» — снова черновик. Согласие больше не действует, и пост не выйдет, пока вы не запланируете его заново.
board-undo = Вернуть
board-time-meant = намечено на { $at }
board-no-time = Время ещё не выбрано.
board-nothing-hinders = Здесь всё на месте. TikTok спросим, когда вы выберете время.
board-hinders-more = { $n ->
    [one] и ещё { $n } пункт
    [few] и ещё { $n } пункта
   *[other] и ещё { $n } пунктов
}
board-show-more = Показать ещё { $step } из { $n }
board-show-rest = Показать ещё { $n }
board-too-many = { $n ->
    [one] Ещё { $n } карточка не показана. Выберите аккаунт или метку, чтобы их стало меньше.
    [few] Ещё { $n } карточки не показаны. Выберите аккаунт или метку, чтобы их стало меньше.
   *[other] Ещё { $n } карточек не показано. Выберите аккаунт или метку, чтобы их стало меньше.
}
board-attention = { $n ->
    [one] { $n } пост требует вашего внимания; ни в одной колонке его нет.
    [few] { $n } поста требуют вашего внимания; ни в одной колонке их нет.
   *[other] { $n } постов требуют вашего внимания; ни в одной колонке их нет.
}
board-attention-look = Посмотреть
board-hint = Перетаскивайте карточки в другую колонку или на другое место, на сенсорном экране — после долгого нажатия; на телефоне бросайте карточку на название колонки. С клавиатуры: выберите карточку, нажмите M, укажите место стрелками и нажмите Enter. Без вашего согласия ничего не планируется.
board-lifted = Перемещение. Стрелки влево и вправо выбирают колонку, вверх и вниз — место, Enter ставит карточку, Escape отменяет.
board-dropped = Осталось на месте.
board-spot = %c, место %p из %n
board-spot-plan = %c: откроется страница поста, где время и согласие
board-spot-file = %c: идее сначала нужен файл; откроется страница, где его выбирают
board-keeps-file-short = Пост с файлом не станет снова идеей.
error-board-keeps-file = Пост с файлом не станет снова идеей.
error-board-keeps-file-todo = Оставьте его среди черновиков или удалите черновик и запишите идею.
error-board-needs-consent = Пост планируют только на его странице: для этого нужно ваше согласие.
error-board-needs-consent-todo = Откройте пост и выберите время.
error-board-not-here = Этот пост уже не планируется, и места на доске у него нет.
error-board-not-here-todo = Посмотрите страницу самого поста.
error-board-place-unknown = Такого места на доске нет.
error-board-place-unknown-todo = Обновите доску и переместите карточку ещё раз.
error-board-moved-meanwhile = Карточку с тех пор переместили или запланировали, и вернуть её прежним способом уже нельзя.
error-board-moved-meanwhile-todo = Посмотрите, где она теперь, и переместите её оттуда.
error-idea-changed-meanwhile = Тем временем эту идею изменили в другом окне. Ничего не перезаписано.
error-idea-changed-meanwhile-todo = Ваш текст остался здесь. Сравните оба и сохраните ещё раз, если нужен ваш.
error-idea-account-gone = Аккаунта этой идеи здесь больше нет.
error-idea-account-gone-todo = Выберите другой аккаунт или никакой.
error-idea-gone = Этой идеи на доске больше нет: она стала черновиком или её забыли.
error-idea-gone-todo = Ваш текст стоит здесь как новая идея. Запишите его или оставьте.
error-idea-missing = Здесь пока ничего нет.
error-idea-missing-todo = Напишите хотя бы строку.
error-idea-too-long = В идее не больше 2000 знаков, чтобы она поместилась в подпись.
error-idea-too-long-todo = Сократите её.
error-idea-control-character = В тексте есть знак, недопустимый в подписи.
error-idea-control-character-todo = Уберите невидимые знаки или наберите текст заново.
error-too-many-ideas = Идей уже 500, больше не хранится.
error-too-many-ideas-todo = Сделайте из части идей черновики или забудьте их.

compose-of-idea = Ваша идея
compose-of-idea-hint = С неё начнётся подпись, метки перейдут вместе с ней. Выберите файл и аккаунт; до этого идея остаётся на доске.
compose-beside = Рядом с постом

labels-title = Метки
labels-label = Метка
labels-lede = Короткие слова, по которым вы различаете свои посты. Они остаются здесь: TikTok их не видит.
labels-new = Новая метка
labels-new-hint = Не больше { $n } на одном посте.
labels-add = Добавить
labels-save = Сохранить метки
labels-manage = Все метки
labels-none = Меток пока нет
labels-none-more = Метку, например «сезон» или «ждёт одобрения», можно дать любому посту и любой идее, а потом смотреть только их: на доске, в очереди, календаре и истории.
labels-all = Все метки
labels-any = любая
labels-change = Изменить
labels-delete-why = Метка будет снята со всех постов и идей. Сами они останутся, но какие это были, мы не запоминаем.
labels-delete-now = Удалить везде
labels-word = Слово
labels-word-hint = Не больше { $n } знаков, без запятых.
labels-colour = Цвет
labels-colour-any = Тот, что встречается реже
flash-label-kept = Сохранено.
flash-label-deleted = Метка снята со всего, где была.
flash-labels-set = Метки сохранены.
error-label-gone = Одну из этих меток тем временем удалили.
error-label-gone-todo = Посмотрите, что ещё отмечено, и сохраните снова.
error-label-missing = Здесь пока ничего нет.
error-label-missing-todo = Напишите слово.
error-label-too-long = В метке не больше 32 знаков.
error-label-too-long-todo = Сократите её.
error-label-comma = В метке не бывает запятых и точек с запятой.
error-label-comma-todo = Уберите их или сделайте две метки.
error-label-twice = Такая метка уже есть.
error-label-twice-todo = Возьмите её или выберите другое слово.
error-too-many-labels = Меток уже 50, больше не хранится.
error-too-many-labels-todo = Удалите ту, что не нужна.
error-too-many-post-labels = На одном посте не больше 10 меток.
error-too-many-post-labels-todo = Снимите лишние.
flavour-cornflower = Васильковый
flavour-raspberry = Малиновый
flavour-honey = Медовый
flavour-mint = Мятный
flavour-blueberry = Черничный
flavour-cocoa = Какао
flavour-pistachio = Фисташковый
flavour-sea = Морской
queue-lede-label = { $n ->
    [0] С этой меткой сегодня больше ничего не выйдет.
    [one] С этой меткой сегодня выйдет ещё { $n } пост.
    [few] С этой меткой сегодня выйдут ещё { $n } поста.
   *[other] С этой меткой сегодня выйдут ещё { $n } постов.
}
queue-lede-label-many = С этой меткой сегодня выйдет больше { $n } постов.
queue-empty-label = С этой меткой здесь ничего нет
queue-empty-label-more = Выберите выше другую метку или «любая».
