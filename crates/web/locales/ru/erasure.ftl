# Уход и расписки об удалении.

leave-heading = Уйти и удалить всё
leave-more = Отключит все аккаунты и сотрёт ваши посты, файлы, историю и профиль здесь.
leave-verb = Удалить всё
leave-title = Удалить всё?
leave-text = На этом всё закончится. Что произойдёт и когда:
leave-at-once = Сразу: доступ ко всем аккаунтам TikTok уничтожается, TikTok об этом узнаёт; запланированные посты откладываются; другие браузеры выходят.
leave-then = С { $at }: стираются посты, подписи, файлы, история и ваш профиль, самое позднее к { $deadline }. До этого можно передумать.
leave-tiktok = То, что уже в TikTok, останется там; удалить можно в самом TikTok.
leave-running = Вы попросили удалить всё. Начнём { $at }; до этого можно передумать.
leave-undo = Я передумал(а)
flash-staying = Вы остаётесь. Подключите аккаунты снова: что не подключено, сотрётся в свой срок.
error-leaving-already = Вы уже просили об этом. Страница с распиской скажет, что сделано.
error-leaving-has-begun = Отменить уже нельзя: удаление началось, или отменять было нечего.

receipt-title-connection = Расписка: аккаунт стирается
receipt-title-person = Расписка: стирается всё
receipt-waiting-connection = Аккаунт отключён. Всё, что к нему относится, начнём стирать { $at }. Подключите его снова до этого — и всё останется.
receipt-waiting-person = Всё ваше будет стёрто начиная с { $at }. До этого можно передумать.
receipt-running = Стираем прямо сейчас, отменить уже нельзя.
receipt-held = Закон обязывает нас хранить это до { $at }. После этого сотрём сразу.
receipt-done = Всё стёрто.
receipt-undone = Это отменили, или вместо этой расписки есть новая.
receipt-tiktok-confirmed = подтвердил, что нашего доступа больше нет.
receipt-tiktok-pending = пока не ответил. Ключи мы уничтожили и ещё сутки переспрашиваем с одним последним токеном доступа. Для верности уберите MOLOKO.VIDEO в настройках TikTok.
receipt-tiktok-unconfirmed = не подтвердил. Ключи мы уничтожили; уберите, пожалуйста, MOLOKO.VIDEO и в настройках TikTok.
receipt-tiktok-unneeded = доступа уже не было.
receipt-asked = Просьба
receipt-begins = Начало
receipt-deadline = Самое позднее
receipt-ended = Закончено
receipt-what = Что исчезает
receipt-class-tokens = Токены доступа и их ключ
receipt-class-profile = Профиль TikTok: имя, ник, аватар
receipt-class-posts = Посты с подписями, планами и записями согласия
receipt-class-attempts = Как они публиковались
receipt-class-files = Файлы с миниатюрами
receipt-class-sessions = Вошедшие браузеры
receipt-gone-already = уже нет
receipt-gone = { $n ->
    [0] ничего не осталось
    [one] { $n } стёрт
    [few] { $n } стёрто
   *[other] { $n } стёрто
}
receipt-goes = исчезнет
receipt-stays = остаётся
receipt-remains = Что останется: счётчики без имён и хеш с ключом, нужный лишь затем, чтобы стереть это снова, если вернут старую резервную копию.
receipt-kept-until = До { $at } эту расписку можно найти в разделе «Ваши данные».
receipt-by-operator = Удаление начал оператор сервиса: ему об этом написали.
receipt-by-tiktok = TikTok сообщил, что нашего доступа к аккаунту больше нет, и удаление началось само.
receipt-by-under-age = Удаление началось, потому что нам сообщили: аккаунт принадлежит человеку младше 18 лет.
receipt-by-absence = Удаление началось само, потому что здесь долго никто не появлялся.
receipts-title = Расписки
receipts-lede = Что стёрто или будет стёрто, кто бы это ни начал, и какие файлы вы удалили из медиатеки. Каждая расписка хранится 30 дней.
receipts-none = Расписок нет
receipts-none-more = Когда что-то ваше будет стёрто, здесь об этом будет сказано.
receipts-erasures = Аккаунты и профили
receipts-deletions = Файлы из медиатеки
receipts-connection = Аккаунт TikTok с постами и файлами
receipts-person = Всё
receipts-by-you = по просьбе на этих страницах
receipts-by-operator = начал оператор
receipts-by-tiktok = начал TikTok
receipts-by-absence = началось из-за долгого отсутствия
receipts-waiting = начнём стирать { $at }
receipts-running = стирается
receipts-held = пока хранится: так требует закон
receipts-done = стёрто
receipts-undone = отменено
receipts-kept = расписка хранится до { $at }
receipts-open-what = Открыть расписку: { $what }, { $at }
receipts-back = К вашим данным
receipt-keep = Сохраните этот адрес: он работает 30 дней без входа.
receipt-download = Скачать расписку
receipt-reconnect = Подключить снова
connections-erased-at = Его посты, файлы и история стираются с { $at }. Подключите снова до этого — и они останутся.
error-hold-reason = У запрета на удаление должна быть причина, не длиннее 200 символов.
error-hold-days = Запрет на удаление действует от 1 до 366 дней; его можно наложить снова.
