### Что может быть не так с постом, файлом или подключением.
### failure-*: что случилось, -why: почему, -do: что делать. Рядом показываются код TikTok и log id.

## Правила поста

problem-reconnect-needed = TikTok больше не принимает наш доступ к этому аккаунту. Подключите его снова и запланируйте пост.

problem-disconnected = Этот аккаунт отключён. Подключите его снова или выберите другой.

problem-scope-missing-publish = Вы не разрешили публиковать в этом аккаунте. Подключите его снова с разрешением на публикацию или отправьте пост во «Входящие» TikTok.

problem-scope-missing-upload = Вы не разрешили черновики для этого аккаунта. Подключите его снова с разрешением на загрузку или публикуйте сразу.

problem-creator-unknown = TikTok не сказал, что сейчас можно этому аккаунту. Обновите страницу через минуту.

problem-creator-too-many-posts = Сегодня TikTok больше не берёт посты этого аккаунта. Попробуйте позже или опубликуйте в приложении TikTok.

problem-creator-banned = TikTok не разрешает этому аккаунту публиковать. Откройте TikTok и посмотрите статус аккаунта.

problem-app-quota = Дневная квота аккаунтов, которую TikTok даёт этому сервису, исчерпана. Попробуйте через несколько часов.

problem-creator-blocked = Сейчас TikTok не разрешает этому аккаунту публиковать ({ $tiktok }). Попробуйте позже.

problem-daily-cap-near = { $sent ->
    [one] За последние сутки вышел { $sent } пост. Обычно TikTok останавливается на { $typical }, считая все приложения.
    [few] За последние сутки вышло { $sent } поста. Обычно TikTok останавливается на { $typical }, считая все приложения.
   *[many] За последние сутки вышло { $sent } постов. Обычно TikTok останавливается на { $typical }, считая все приложения.
}

problem-media-needs-conversion = В таком виде TikTok файл не возьмёт. Сделайте его подходящим в библиотеке или загрузите другой и запланируйте пост.

problem-media-rejected = Этот файл TikTok не возьмёт. Выберите другой.

problem-video-too-long = Предел этого аккаунта { $max }, у вас { $duration }. Обрежьте видео и загрузите снова.

problem-caption-too-long = Подпись длиннее на { $over ->
    [one] { $over } знак
    [few] { $over } знака
   *[many] { $over } знаков
}: { $used } из { $max }. Сократите её.

problem-caption-control-character = В подписи есть невидимый управляющий символ ({ $character }). Удалите его или наберите подпись заново.

problem-privacy-missing = Выберите, кто увидит пост.

problem-privacy-not-offered = TikTok больше не предлагает такую аудиторию для этого аккаунта. Выберите другую.

problem-branded-private = Партнёрский контент не может быть личным. Выберите, кто увидит видео, или снимите отметку «Партнёрский контент».

problem-branded-followers = Партнёрский контент не может быть только для подписчиков. Выберите «Все» или «Друзья» или снимите отметку «Партнёрский контент».

problem-comment-turned-off = Комментарии выключены в настройках TikTok этого аккаунта. Снимите отметку «Комментарии».

problem-duet-turned-off = Дуэты выключены в настройках TikTok этого аккаунта. Снимите отметку «Дуэты».

problem-stitch-turned-off = Сшивки выключены в настройках TikTok этого аккаунта. Снимите отметку «Сшивки».

problem-disclosure-empty = Отметьте «Ваш бренд», «Партнёрский контент» или оба пункта либо выключите пометку о рекламе.

problem-disclosure-switch-off = Рекламный пункт отмечен, а пометка о рекламе выключена. Включите её или снимите отметку.

problem-cover-outside-video = Обложка стоит на { $cover }, а видео кончается на { $duration }. Выберите момент внутри видео.

problem-time-in-past = Это время уже прошло. Выберите более позднее или опубликуйте сейчас.

problem-gap-too-small = { $minutes ->
    [one] Другой пост этого аккаунта стоит на { $other } — это ближе, чем промежуток в { $minutes } минуту, который вы задали. Выберите другое время или измените промежуток.
    [few] Другой пост этого аккаунта стоит на { $other } — это ближе, чем промежуток в { $minutes } минуты, который вы задали. Выберите другое время или измените промежуток.
   *[other] Другой пост этого аккаунта стоит на { $other } — это ближе, чем промежуток в { $minutes } минут, который вы задали. Выберите другое время или измените промежуток.
}
problem-time-too-far = { $days ->
    [one] Планируем не дальше чем на { $days } день: столько живёт доступ TikTok. Выберите время раньше.
    [few] Планируем не дальше чем на { $days } дня: столько живёт доступ TikTok. Выберите время раньше.
   *[many] Планируем не дальше чем на { $days } дней: столько живёт доступ TikTok. Выберите время раньше.
}

problem-inbox-drops-options = Заголовок и описание фото во «Входящих» TikTok сохраняет, остальной выбор отбрасывает. Его вы сделаете в приложении TikTok.

problem-photo-rejected = Фото { $place } ({ $name }) TikTok не возьмёт, а одно плохое фото останавливает весь пост. Уберите его или сохраните как JPEG с короткой стороной до 1080 пикселей и загрузите снова.

problem-upload-limit = Скорость отправки на этом сервере ограничена, и файл шёл бы { $minutes ->
    [one] { $minutes } минуту
    [few] { $minutes } минуты
   *[other] { $minutes } минут
}, а дольше { $most } TikTok не ждёт. Уменьшите файл или попросите оператора поднять ограничение.

problem-photos-unreachable = Фото TikTok забирает с этого сервера, а публичного адреса https у него нет. Опубликуйте видео или попросите оператора настроить адрес.

problem-photo-title-too-long = Заголовок длиннее на { $over ->
    [one] { $over } знак
    [few] { $over } знака
   *[many] { $over } знаков
}: { $used } из { $max }. Сократите его.

problem-photo-title-control-character = В заголовке невидимый управляющий знак ({ $character }). Удалите его или наберите заголовок заново.

problem-inbox-drops-details = У видео, отправленных во «Входящие», TikTok отбрасывает подпись и все настройки. Вы зададите их в приложении TikTok.

## Пометка TikTok на рекламных постах и почему пункт недоступен

label-prompt-promotional-content = На видео будет пометка «Рекламный контент».

label-prompt-paid-partnership = На видео будет пометка «Платное партнёрство».

branded-disabled-only-you = Рекламный контент не может быть закрытым. Сначала выберите аудиторию шире.

branded-disabled-followers = Недоступно только для подписчиков. Сначала выберите «Все» или «Друзья».

branded-disabled-nothing-public = Сейчас TikTok не предлагает этому аккаунту открытой аудитории, поэтому партнёрский контент опубликовать нельзя.

## Файлы

media-outcome-accept = TikTok должен взять

media-outcome-fixable = Сначала нужно преобразовать

media-outcome-reject = TikTok не возьмёт

media-rule-readable = Не получилось прочитать файл ни как видео, ни как фото. TikTok берёт { $allowed }.

media-rule-container = Это файл { $measured }; TikTok берёт { $allowed }.

media-rule-video-codec = Видео сжато в { $measured }; TikTok берёт { $allowed }.

media-rule-size = В файле { $measured } МБ; TikTok берёт до { $allowed } МБ.

media-rule-duration = Видео длится { $measured }; большинству аккаунтов можно до { $allowed }. Решает предел самого аккаунта.

media-rule-frame-rate = Частота кадров { $measured }; TikTok берёт { $allowed } кадров в секунду.

media-rule-picture-side = Размер кадра { $measured }; TikTok берёт { $allowed } пикселей по каждой стороне.

media-rule-photo-format = Это фото { $measured }; TikTok берёт { $allowed }. Сохраните его как JPEG и загрузите снова.

media-rule-photo-size = В фото { $measured } МБ; TikTok берёт до { $allowed } МБ. Сохраните его меньшим и загрузите снова.

media-rule-photo-side = Размер фото { $measured }; TikTok берёт до { $allowed } пикселей по короткой стороне. Уменьшите его и загрузите снова.

probe-not-a-video = Это не файл MP4, MOV, WebM или Matroska и не фото. Выберите видео, JPEG или WebP.

probe-other-picture = TikTok берёт только фото JPEG и WebP. Сохраните его как JPEG и загрузите снова.

probe-truncated = Файл обрывается. Экспортируйте или скопируйте его снова и загрузите.

probe-damaged = Файл повреждён. Экспортируйте его снова и загрузите.

probe-no-video-track = В этом файле нет изображения. Выберите видео.

probe-too-complex = Заголовки файла больше, чем мы читаем. Экспортируйте его обычной программой.

probe-timed-out = Чтение файла заняло слишком много времени. Загрузите его снова; если не поможет, экспортируйте заново.

probe-storage = Не получилось прочитать файл из нашего хранилища. Попробуйте через минуту.

thumbnail-unavailable = Миниатюр нет: на этом сервере не установлен ffmpeg. Всё остальное работает.

## Загрузки

upload-empty = Файл пустой. Выберите другой.

upload-too-large = Файл больше 4 ГБ, а больше TikTok не берёт. Уменьшите его и попробуйте снова.

upload-name = Имя файла не подошло. Переименуйте файл и попробуйте снова.

upload-quota = Для этого файла не осталось места. Удалите ненужные файлы.

upload-too-many = Слишком много незаконченных загрузок. Сначала закончите или отмените одну.

upload-disk-full = Сейчас на сервере нет места для файла. Попробуйте позже; оператор тоже это видит.

upload-locked = Эта загрузка идёт в другом окне. Закройте его или немного подождите.

upload-expired = Загрузку сняли: за сутки не пришло ни байта. Начните снова.

upload-offset = Загрузка продолжилась не с того места. Возобновите её; всё, что пришло, сохранено.

upload-not-found = Такой загрузки мы не знаем. Начните снова.

upload-cut = Связь пропала. Сохранили { $kept } из { $total } МБ, продолжим отсюда.

media-in-use = Этот файл ещё нужен посту. Сначала удалите или измените пост.

media-held = Закон пока обязывает нас хранить этот файл. Его можно будет удалить, когда эта обязанность закончится; подробности — по запросу к нам.

upload-too-long = Пришло больше байтов, чем было заявлено. Начните загрузку снова.

## Что ответил TikTok

failure-unknown = TikTok отказал.
failure-unknown-why = Такой причины мы ещё не встречали; ниже слово самого TikTok.
failure-unknown-do = Проверьте пост в TikTok и попробуйте снова. Если не поможет, пришлите нам код и log id.

failure-access-removed = Пост остановлен.
failure-access-removed-why = Доступ к аккаунту отозвали, пока TikTok обрабатывал пост.
failure-access-removed-do = Подключите аккаунт снова и запланируйте пост заново.

failure-app-quota = Посту придётся подождать.
failure-app-quota-why = TikTok ограничивает, сколько аккаунтов в день могут публиковать через этот сервис, и предел достигнут.
failure-app-quota-do = Попробуйте снова через несколько часов или опубликуйте в приложении TikTok.

failure-app-version = TikTok не взял черновик.
failure-app-version-why = Приложение TikTok на телефоне слишком старое.
failure-app-version-do = Обновите TikTok до версии 31.8 или новее и отправьте снова.

failure-banned = TikTok не взял пост.
failure-banned-why = TikTok запретил этому аккаунту публиковать.
failure-banned-do = Откройте TikTok и посмотрите статус аккаунта. Сами повторять не станем.

failure-cancelled = Пост отменён.
failure-cancelled-why = Его отозвали до выхода.
failure-cancelled-do = Если он ещё нужен, запланируйте его снова.

failure-duration = TikTok не взял видео.
failure-duration-why = Оно длиннее или короче, чем TikTok принимает от этого аккаунта.
failure-duration-do = Обрежьте видео, загрузите снова и запланируйте.

failure-file-format = TikTok не взял файл.
failure-file-format-why = Ему не подошёл формат файла.
failure-file-format-do = Экспортируйте видео в MP4 с H.264, фото в JPEG, загрузите снова и запланируйте.

failure-foreign-publish-id = Не получилось узнать, что стало с постом.
failure-foreign-publish-id-why = TikTok говорит, что пост принадлежит другому аккаунту.
failure-foreign-publish-id-do = Проверьте в TikTok, вышел ли он. Подключение должен посмотреть оператор.

failure-frame-rate = TikTok не взял видео.
failure-frame-rate-why = Частота кадров вне пределов 23–60 кадров в секунду.
failure-frame-rate-do = Экспортируйте с 30 кадрами в секунду, загрузите снова и запланируйте.

failure-invalid-file-upload = TikTok не взял загрузку.
failure-invalid-file-upload-why = Файл пришёл не так, как ждёт TikTok.
failure-invalid-file-upload-do = Попробуйте снова. Если не поможет, посмотреть должен оператор.

failure-invalid-params = TikTok не понял наш запрос.
failure-invalid-params-why = Что-то в посте или в запросе недопустимо; что именно, TikTok не говорит.
failure-invalid-params-do = Проверьте подпись и настройки и попробуйте снова. Если не поможет, пришлите нам log id.

failure-invalid-publish-id = Не получилось узнать, что стало с постом.
failure-invalid-publish-id-why = TikTok больше не знает номера, под которым мы его отправили.
failure-invalid-publish-id-do = Посмотрите в TikTok, вышел ли он, и скажите нам здесь.

failure-not-cancellable = Отменять было поздно.
failure-not-cancellable-why = TikTok уже публиковал пост.
failure-not-cancellable-do = Если он не нужен, удалите его в приложении TikTok.

failure-oauth-challenge = TikTok остановился, не спросив вас.
failure-oauth-challenge-why = Настройки входа этого сервиса не подходят его приложению TikTok.
failure-oauth-challenge-do = Скажите оператору: приложению нужен code challenge (PKCE).

failure-oauth-client = TikTok не узнаёт этот сервис.
failure-oauth-client-why = Ключ или секрет сервиса неверны.
failure-oauth-client-do = С вашим аккаунтом всё в порядке. Ключи должен исправить оператор, потом попробуйте снова.

failure-oauth-denied = Аккаунт не подключён.
failure-oauth-denied-why = На странице TikTok доступ не дали.
failure-oauth-denied-do = Если это ошибка, начните снова.

failure-oauth-grant = TikTok больше не принимает наш доступ.
failure-oauth-grant-why = Он истёк, отозван или уже использован.
failure-oauth-grant-do = Подключите аккаунт снова. Запланированные посты вас подождут.

failure-oauth-not-target = Этот аккаунт TikTok нельзя подключить здесь.
failure-oauth-not-target-why = Сервис работает в песочнице TikTok, и аккаунта из вашего браузера нет в её списке.
failure-oauth-not-target-do = Откройте приватное окно и войдите в аккаунт из списка или попросите оператора добавить ваш.

failure-oauth-redirect = TikTok остановился, не спросив вас.
failure-oauth-redirect-why = Адрес, на который TikTok должен вас вернуть, не зарегистрирован для этого сервиса.
failure-oauth-redirect-do = Попросите оператора зарегистрировать его, знак в знак.

failure-oauth-request = TikTok не понял наш запрос на вход.
failure-oauth-request-why = Что-то в настройках сервиса не так, как ждёт TikTok.
failure-oauth-request-do = Начните снова. Если не поможет, пришлите оператору log id.

failure-oauth-scope = TikTok отказал в разрешениях, о которых мы просили.
failure-oauth-scope-why = Они не включены для приложения TikTok этого сервиса.
failure-oauth-scope-do = Оператор должен включить их в портале разработчика TikTok.

failure-oauth-server = TikTok не смог закончить вход.
failure-oauth-server-why = На его сервере случилась ошибка.
failure-oauth-server-do = Попробуйте через несколько минут.

failure-oauth-unauthorized = TikTok не разрешает этому сервису вход.
failure-oauth-unauthorized-why = Приложение ещё в черновике или на проверке, или ключ песочницы взят для настоящего аккаунта.
failure-oauth-unauthorized-do = Оператор должен проверить состояние приложения и ключи.

failure-picture-size = TikTok не взял файл.
failure-picture-size-why = У видео стороны кадра от 360 до 4096 пикселей, у фото короткая не больше 1080.
failure-picture-size-do = Экспортируйте в 1080 × 1920, загрузите снова и запланируйте.

failure-policy-unanswered = Пост ждёт вас.
failure-policy-unanswered-why = Политика или условия изменились, а вы с ними ещё не согласились.
failure-policy-unanswered-do = Прочитайте, что изменилось, ответьте и публикуйте.

failure-privacy-mismatch = TikTok не взял пост.
failure-privacy-mismatch-why = Выбранная аудитория больше не предлагается этому аккаунту.
failure-privacy-mismatch-do = Выберите ещё раз, кто увидит видео, и запланируйте снова. Сами мы аудиторию не расширяем.

failure-pull-failed = TikTok не смог забрать файл.
failure-pull-failed-why = Он не достучался до нашего сервера, или передача оборвалась. Ничего не опубликовано.
failure-pull-failed-do = Запланируйте снова. Если не поможет, оператор должен проверить, что публичный адрес доступен снаружи.

failure-rate-limit = Пост подождёт минуту.
failure-rate-limit-why = TikTok берёт от одного аккаунта лишь несколько запросов в минуту.
failure-rate-limit-do = Делать ничего не нужно: продолжим сами.

failure-scope-missing = TikTok не разрешил нам это.
failure-scope-missing-why = Нужное разрешение не дали или забрали.
failure-scope-missing-do = Подключите аккаунт снова и оставьте это разрешение включённым.

failure-spam-risk = TikTok не взял пост.
failure-spam-risk-why = Он счёл пост рискованным и не говорит почему.
failure-spam-risk-do = Сверьте видео и подпись с правилами сообщества TikTok. Сами повторять не станем.

failure-spam-risk-text = TikTok не взял пост.
failure-spam-risk-text-why = Он счёл рискованной подпись.
failure-spam-risk-text-do = Измените подпись и запланируйте снова. Сами повторять не станем.

failure-tiktok-internal = У TikTok случилась своя ошибка.
failure-tiktok-internal-why = Пост тут ни при чём.
failure-tiktok-internal-do = Мы попробуем ещё раз сами. Если не выйдет, запланируйте пост позже.

failure-token-invalid = TikTok перестал принимать наш доступ.
failure-token-invalid-why = Он истёк или отозван.
failure-token-invalid-do = Обновим его сами. Если не получится, попросим подключить аккаунт снова.

failure-too-many-drafts = TikTok не взял черновик.
failure-too-many-drafts-why = Во «Входящих» этого аккаунта уже ждут пять черновиков от приложений.
failure-too-many-drafts-do = Закончите или удалите часть в приложении TikTok и отправьте снова.

failure-too-many-posts = Стакан полон.
failure-too-many-posts-why = За сутки TikTok берёт от аккаунта лишь определённое число постов, считая все приложения.
failure-too-many-posts-do = Выберите время позже или опубликуйте в приложении TikTok.

failure-unaudited = TikTok не взял пост.
failure-unaudited-why = TikTok ещё не провёл аудит этого сервиса, поэтому публиковать можно только в закрытые аккаунты и только для себя.
failure-unaudited-do = Сделайте аккаунт закрытым в TikTok и выберите «Только вы» или отправьте видео во «Входящие».

failure-url-unverified = TikTok не забрал файл.
failure-url-unverified-why = Адрес этого сервера не подтверждён для сервиса. Ничего не опубликовано.
failure-url-unverified-do = Оператор должен подтвердить в портале разработчика TikTok адрес, который кончается на /pull/; потом запланируйте снова.

## Что остановило пост у нас

failure-branded-audience = Пост ждёт вас.
failure-branded-audience-why = Партнёрский контент не может быть личным или только для подписчиков.
failure-branded-audience-do = Выберите ещё раз, кто увидит видео, и запланируйте снова.

failure-consent-missing = Пост ждёт вас.
failure-consent-missing-why = После вашего согласия в нём что-то изменилось, поэтому мы его не отправили.
failure-consent-missing-do = Посмотрите его ещё раз и запланируйте снова.

failure-creator-blocked = Сейчас TikTok не разрешает этому аккаунту публиковать.
failure-creator-blocked-why = Такой причины мы ещё не встречали.
failure-creator-blocked-do = Посмотрите аккаунт в TikTok и запланируйте пост позже.

failure-creator-unknown = Пост ждёт вас.
failure-creator-unknown-why = TikTok не сказал, что можно этому аккаунту, а без этого мы не публикуем.
failure-creator-unknown-do = Откройте пост и запланируйте его снова.

failure-disconnected = Пост остановлен.
failure-disconnected-why = Аккаунт отключили.
failure-disconnected-do = Подключите его снова и запланируйте пост заново.

failure-engine-failed = Мы остановили пост до последнего байта.
failure-engine-failed-why = Наша собственная программа несколько раз сбилась на нём; в TikTok ничего не попало.
failure-engine-failed-do = Попробуйте ещё раз. Если снова не выйдет, причину найдёт оператор в журнале.

failure-held-after-restore = Мы придержали этот пост.
failure-held-after-restore-why = Сервис продолжил со старой копии данных: пост уже может быть в TikTok, или вы с тех пор изменили либо отменили его.
failure-held-after-restore-do = Посмотрите в TikTok. Затем опубликуйте сейчас, выберите новое время или скажите, что он уже там.

failure-held-overdue = Мы придержали этот пост.
failure-held-overdue-why = Его время прошло, пока сервис не работал, и накопилось слишком много, чтобы выпустить всё сразу.
failure-held-overdue-do = Опубликуйте его сейчас, выберите новое время или скажите, что он уже в TikTok.

failure-media-changed = Мы остановили пост до последнего байта.
failure-media-changed-why = Сохранённый файл уже не тот, на который вы согласились.
failure-media-changed-do = Загрузите файл снова и запланируйте. Хранилище должен посмотреть оператор.

failure-media-rejected = Пост остановлен.
failure-media-rejected-why = Этот файл TikTok не возьмёт.
failure-media-rejected-do = Выберите другой файл и запланируйте снова.

failure-no-reason = TikTok не взял пост.
failure-no-reason-why = Причины он не назвал.
failure-no-reason-do = Посмотрите в TikTok и запланируйте снова. Если не поможет, пришлите нам log id.

failure-outcome-disconnected = Мы не знаем, вышел ли пост.
failure-outcome-disconnected-why = Аккаунт отключили, пока TikTok обрабатывал пост, и спросить мы больше не можем.
failure-outcome-disconnected-do = Посмотрите, пожалуйста, в TikTok и скажите нам здесь. Повторять сами не станем.

failure-outcome-unknown = Мы не знаем, вышел ли пост.
failure-outcome-unknown-why = Все байты могли дойти, но TikTok больше не говорит, что стало с постом.
failure-outcome-unknown-do = Посмотрите, пожалуйста, в TikTok и скажите нам здесь. Повторять сами не станем.

failure-outcome-unresolved = Мы не знаем, вышел ли пост.
failure-outcome-unresolved-why = TikTok обрабатывает пост намного дольше обычного и не даёт результата.
failure-outcome-unresolved-do = Посмотрите, пожалуйста, в TikTok и скажите нам здесь. Повторять сами не станем.

failure-photos-unreachable = Пост ждёт вас.
failure-photos-unreachable-why = Фото TikTok забирает с этого сервера, а публичного адреса https у него нет.
failure-photos-unreachable-do = Оператор должен настроить адрес; потом запланируйте снова.

failure-reconnect = Пост ждёт вас.
failure-reconnect-why = TikTok больше не принимает наш доступ к этому аккаунту.
failure-reconnect-do = Подключите аккаунт снова, потом запланируйте пост.

failure-too-late = Мы не отправили пост.
failure-too-late-why = Его время прошло, пока сервис или TikTok были недоступны, а опоздавший пост решаете вы.
failure-too-late-do = Опубликуйте его сейчас или выберите новое время.

failure-too-long = Пост ждёт вас.
failure-too-long-why = Предел аккаунта теперь короче этого видео.
failure-too-long-do = Обрежьте видео, загрузите снова и запланируйте.

failure-too-slow = Видео не дошло до TikTok.
failure-too-slow-why = Связь сервера слишком медленная для часа, который даёт TikTok.
failure-too-slow-do = Возьмите файл поменьше. Связь должен посмотреть оператор.

failure-upload-expired = Видео не дошло до TikTok.
failure-upload-expired-why = Час, который TikTok даёт на загрузку, истёк, и не один раз.
failure-upload-expired-do = Запланируйте снова. Если не поможет, связь должен посмотреть оператор.

failure-upload-failed = Видео не дошло до TikTok.
failure-upload-failed-why = TikTok отказал в загрузке или слишком часто её обрывал. Ничего не опубликовано.
failure-upload-failed-do = Запланируйте снова. Если не поможет, пришлите нам log id.

failure-taken-in = Этот пост стоит на месте.
failure-taken-in-why = Когда его переносили сюда, он публиковался в другом месте, так что мог уже выйти.
failure-taken-in-do = Сначала посмотрите в TikTok. Если его там нет, запланируйте его заново.
