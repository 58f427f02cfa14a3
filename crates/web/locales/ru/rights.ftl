# Исправление своих данных и согласия.

data-ways = Что с этим можно сделать
correct-title = Исправить данные
correct-lede = Что здесь неверно, вы можете исправить сами.
correct-name = Как вас здесь зовут
correct-name-label = Ваше имя
correct-name-hint = Не больше 50 символов. Выбранное вами имя не перезапишется при следующем входе.
correct-name-tiktok = Взять имя из TikTok
correct-accounts = Что нам сообщил TikTok
correct-accounts-more = Имя, ник и аватар аккаунта приходят из TikTok. Измените их там, а здесь перечитайте.
correct-refresh = Перечитать
correct-refresh-what = Перечитать: { $what }
correct-history = Что стало с вашими постами
correct-history-more = История — это запись, её не переписывают. Если запись, по-вашему, неверна, сделайте рядом заметку до { $max } символов на странице поста.
correct-else = Что-то ещё
correct-else-more = Подписи того, что ещё не вышло, меняются на странице поста. Если неверно что-то другое, напишите нам.
flash-name-changed = Имя изменено везде.
flash-profile-refreshed = Перечитано из TikTok.
error-name-unfit = Такое имя не подойдёт: оно пустое, длиннее 50 символов или содержит невидимые знаки.
error-name-unfit-todo = Вернитесь и напишите другое.
error-name-not-at-tiktok = Аккаунт, с которым вы входите, здесь больше не подключён.
error-name-not-at-tiktok-todo = Подключите его снова или выберите имя сами.
error-profile-refresh-often = Об этом аккаунте TikTok только что спрашивали.
error-profile-refresh-often-todo = Подождите минуту и попробуйте снова.

consents-title = Ваши согласия
consents-lede = На что вы согласились, для чего и с какого времени. Каждое можно отозвать так же просто, как дать.
consents-connect = Действовать от имени ваших аккаунтов TikTok
consents-connect-more = Дано на странице самого TikTok, на перечисленные разрешения. Отзывается отключением: одно нажатие и одно подтверждение, и всё сразу прекращается.
consents-none = Мы не можем действовать от имени ни одного из ваших аккаунтов.
consents-since = Дано
consents-words = Текст
consents-adult = 18 лет или больше, подтверждено
consents-documents = Политика и условия
consents-documents-change = Изменить ответ
consents-optional = Необязательное
consents-optional-more = Всё это выключено, пока вы сами не включите, и прекращается одним нажатием. Других необязательных целей нет: писем мы не шлём и не измеряем, как вы пользуетесь страницами.
consents-numbers-open = Числа постов и аккаунтов
consents-messages-open = Сообщения в браузер
consents-browsers = { $n ->
    [0] Сообщения в браузер: выключены.
    [one] Сообщения в браузер: включены в { $n } браузере.
   *[other] Сообщения в браузер: включены в { $n } браузерах.
}
consents-purpose-metrics = Чтение чисел постов: { $account }
consents-purpose-followers = Чтение числа подписчиков: { $account }
consents-purpose-messages = Сообщения в браузер
consents-purpose-sharing = Чтение отчёта по ссылке
consents-account-gone = аккаунт, который сейчас не подключён
consents-ledger = Что дано и отозвано
consents-ledger-more = Все изменения, новые сверху. Строки об аккаунте исчезают, когда он стёрт.
consents-given = дано
consents-withdrawn = отозвано
consents-version = текст { $version }
consents-purpose-connect = Действовать от имени { $account }
consents-purpose-connect-gone = Действовать от имени аккаунта, который сейчас не подключён
