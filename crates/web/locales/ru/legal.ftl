# Вокруг политики и условий (сами тексты в documents/) и ответ человека на них.

span-days = { $n ->
    [one] { $n } дня
   *[other] { $n } дней
}
span-months = { $n ->
    [one] { $n } месяц
    [few] { $n } месяца
   *[other] { $n } месяцев
}
list-and = и
country-de = Германия

legal-contents = Содержание
legal-clause = Пункт { $id }
legal-versions = Версии:
legal-what-changed = Что изменила эта версия
legal-what-changes = Что меняется
legal-read-it = Прочитать
legal-see-current = Действующий текст
legal-applies-from = Эта версия ещё не действует: она вступает в силу { $date }.
legal-superseded = Эта версия больше не действует.
legal-announced = Версия { $version } вступает в силу { $date }.
legal-controller = Отвечает
legal-postal = Почтовый адрес
legal-email = Эл. почта
legal-officer = Защита данных
legal-authority = Куда жаловаться
legal-processor-who = Кто
legal-processor-what = Для чего
legal-processor-where = Страна
legal-no-processors = Никто: владелец содержит сервер сам.

legal-changes-title = Что изменилось: { $document } { $version }
legal-changes-lead = Все пункты, которые стали другими после версии { $before }. Эта версия действует с { $date }.
legal-changes-first = Это первая версия, сравнить её не с чем.
legal-changes-legend = Как отмечены изменения:
legal-gone-word = что убрано
legal-new-word = что добавлено
legal-whole-text = Весь текст { $version }
legal-added = Новое
legal-removed = Убрано
legal-changed = Изменено
legal-say-gone = убрано:
legal-say-new = добавлено:
legal-say-end = (конец)
legal-unchanged = { $n ->
    [one] { $n } пункт остался прежним.
    [few] { $n } пункта остались прежними.
   *[other] { $n } пунктов остались прежними.
}

retention-what = Что
retention-active = Пока вы с нами
retention-after = Когда вы ушли
retention-life = пока есть аккаунт
retention-at-once = сразу
retention-within = { $n ->
    [one] в течение { $n } дня
   *[other] в течение { $n } дней
}
retention-pseudonymised = { $n ->
    [one] имена заменим в течение { $n } дня
   *[other] имена заменим в течение { $n } дней
}
retention-by-age = по возрасту
retention-metrics = не дольше { $n } месяцев или пока вы не выключите
retention-sessions = без входа { $idle } дней, всего не больше { $most } дней
data-class-person = Вы: имя, язык, часовой пояс, подтверждение возраста
data-class-profile = Аккаунты TikTok: имя, аватар, разрешения
data-class-tokens = Токены TikTok и их ключ
data-class-keys = Ключи, которыми запечатаны имена, публикации и написанное вами
data-class-media = Файлы, считая со дня публикации
data-class-posts = Посты, подписи, планы
data-class-consents = Ваши согласия и ответы
data-class-attempts = Как публиковались ваши посты
data-class-metrics = Числа, которые вы разрешили: просмотры, лайки, комментарии и репосты постов, подписчики
data-class-sessions = Ваши сеансы входа
data-class-support = Что вы нам писали, и наши ответы
data-class-notices = Новости: что случилось, пока вас не было
data-class-audit = Журнал входов и удалений
data-class-ticket = Последний токен доступа, только чтобы сообщить TikTok об отключении
data-class-erasure = Расписки об удалении, без содержания
data-class-hold = Обязанности по закону что-то сохранить, без содержания
data-class-requests = Журнал запросов
data-class-backups = Резервные копии

policy-label = Изменение условий
policy-changes = { $date } меняется вот что: { $names }.
policy-changes-more = Прочитайте, что меняется, и ответьте. Без ответа с этого дня нельзя будет планировать новое.
policy-changed = { $date } изменилось вот что: { $names }.
policy-changed-more = Пока вы не ответите, планировать и публиковать новое нельзя. Запланированное раньше выйдет.
policy-refused = Вы не согласились. О чём речь: { $names }.
policy-refused-more = Планировать и публиковать новое нельзя. Можно передумать, забрать свои данные или уйти.
policy-what-changes = Что меняется:
policy-what-changed = Что изменилось:
policy-leave = Нет согласия: выгрузить или уйти
flash-policy-read = Спасибо, записали.
flash-policy-refused = Записали: вы не согласны. Что можно сделать, написано ниже.

agreement-title = Что вы можете выбрать
agreement-lede-agreed = Вы согласились со всем, что действует. Здесь это можно забрать назад.
agreement-lede-before = Политика и условия меняются. Прочитайте, что меняется, и решите.
agreement-lede-barred = Политика и условия изменились, а вы не согласились. До вашего согласия планировать и публиковать новое нельзя.
agreement-versions = О чём речь
agreement-from = { $document } { $version }, с { $date }:
agreement-since = { $document } { $version }, действует с { $date }:
agreement-read = Прочитано
agreement-refuse = Нет согласия
agreement-otherwise = Если вы не согласны
agreement-otherwise-text = Читать всё здесь можно и дальше, сколько захотите. С днём изменения заканчивается только одно: планировать и публиковать новое. Остаются такие пути:
agreement-way-queue = Посмотреть, что запланировано
agreement-way-queue-why = оно выйдет, как вы одобрили, если вы его не отмените.
agreement-way-export = Забрать свои данные
agreement-way-export-why = в настройках; если чего-то не хватает, напишите нам.
agreement-way-disconnect = Отключить аккаунты TikTok
agreement-way-disconnect-why = их токены уничтожаются сразу.
agreement-way-delete = Удалить всё и уйти
agreement-way-delete-why = в настройках или письмом нам.
agreement-answers = Что вы ответили
agreement-said-accepted = принято при подключении
agreement-said-read = прочитано
agreement-said-refused = отказ

error-policy-newer-version = С тех пор как страница открыта, вышла новая версия, или страница не назвала никакой.
error-policy-newer-version-todo = Откройте страницу снова, прочитайте, что изменилось, и ответьте там.
error-policy-unanswered-what = Ничего не запланировано и не опубликовано.
error-policy-unanswered = Политика или условия изменились, а вы с ними ещё не согласились. Запланированное раньше выйдет, как и должно.
error-policy-unanswered-todo = Прочитайте, что изменилось, и ответьте. Потом вернитесь и нажмите кнопку ещё раз.
connect-agree-from = (с { $date })
connect-agree-known = Если вы здесь не впервые, ваш прежний ответ остаётся в силе.

promises-title = Как выполняется каждое обещание
promises-lead = По пунктам: что в программе обеспечивает его и чего она пока не делает. Это показывают тесты каждой версии программы, если у пункта не сказано иное.
promises-policy = Сама политика
promises-in-part = Выполняется отчасти; сделанное показано тестами.
promises-duty = Выполняет оператор, а не программа.
promises-missing = Пока нет:
legal-how-kept = Как она выполняется
