# Что хранится о человеке.

data-title = Ваши данные
data-lede = Всё, что мы храним о вас и вашем пространстве: зачем, откуда, как долго и кто ещё это получает.
data-count = { $n ->
    [0] ничего
    [one] { $n } запись
    [few] { $n } записи
   *[other] { $n } записей
}
data-count-many = больше тысячи
data-why = Зачем
data-from = Откуда
data-to = Кто получает
data-kept = Как долго
data-clauses = В политике
data-see = Посмотреть
data-kept-life = пока вы здесь
data-kept-days = { $n ->
    [one] { $n } день
    [few] { $n } дня
   *[other] { $n } дней
}
data-gone-at-once = после отключения или удаления исчезает сразу
data-gone-days = после отключения или удаления исчезает в течение { $n ->
    [one] { $n } дня
   *[other] { $n } дней
}
data-sealed = Запечатано
data-sealed-person = частично, вашим собственным ключом
data-sealed-connection = частично, ключом аккаунта

data-withheld = Что не показано
data-withheld-more = Токены, которые дал TikTok, хранятся зашифрованными и не показываются никому, даже вам: с ними можно публиковать от вашего имени. Не показываем и ключи, которые их защищают, и хеши секретов.
data-json = Файлом для программ

held-person = Вы
data-why-person = Чтобы узнавать вас при входе и показывать страницы так, как вам удобно.
data-from-person = TikTok при входе; ваши настройки
data-to-person = никто
held-connection-profile = Ваши аккаунты TikTok
data-why-connection-profile = Чтобы показать, в какой аккаунт идёт пост и что вы разрешили.
data-from-connection-profile = TikTok
data-to-connection-profile = никто
held-tokens = Токены доступа
data-why-tokens = Чтобы публиковать запланированное. Зашифрованы; не показываются и не выгружаются.
data-from-tokens = TikTok
data-to-tokens = TikTok
held-media = Файлы
data-why-media = Чтобы их опубликовать.
data-from-media = вы
data-to-media = TikTok, когда пост выходит
held-posts = Посты
data-why-posts = Чтобы опубликовать их в выбранное вами время.
data-from-posts = вы
data-to-posts = TikTok, когда пост выходит
held-consents = Согласия и ответы
data-why-consents = Чтобы доказать, что вы согласились именно на этот пост и что ответили на политику и условия.
data-from-consents = вы
data-to-consents = никто
held-attempts = Как публиковались посты
data-why-attempts = Чтобы публиковать один раз и не больше и показать, что произошло.
data-from-attempts = этот сервис и ответы TikTok
data-to-attempts = никто
held-metrics = Числа ваших постов и аккаунтов
data-why-metrics = Чтобы показать, как идут ваши посты и сколько у вас подписчиков, если вы это включили.
data-from-metrics = TikTok
data-to-metrics = никто
held-sessions = Вошедшие браузеры
data-why-sessions = Чтобы вы оставались в системе и могли завершить то, чего не узнаёте; и чтобы присылать сообщения в браузер там, где вы об этом попросили.
data-from-sessions = ваш браузер
data-to-sessions = никто; если вы просили о сообщениях — push-служба этого браузера, прочитать их она не может
held-support = Ваши обращения
data-why-support = Чтобы ответить вам и чтобы потом было видно, что было сказано.
data-from-support = вы и тот, кто держит этот сервер
data-to-support = никто
held-notices = Новости
data-why-notices = Чтобы рассказать, что случилось, пока вас не было. Только номера, без содержания.
data-from-notices = этот сервис
data-to-notices = никто
held-audit = Кто что делал
data-why-audit = Чтобы замечать злоупотребления. Только номера, без содержания.
data-from-audit = этот сервис
data-to-audit = никто
held-erasure = Расписки об удалении
data-why-erasure = Чтобы доказать, что стёрто. Об удалённых аккаунтах — только номера и счётчики; об удалённых вами файлах — их имена.
data-from-erasure = вы или TikTok, закрывший нам доступ
data-to-erasure = никто
held-keys = Ключи имён и текстов
data-why-keys = Ими запечатаны ваше имя, имена и картинки аккаунтов, имена файлов и то, что вы написали. При уходе их уничтожают первыми, и ни одну копию больше не прочитать.
data-from-keys = Этот сервис
data-to-keys = Никто

held-ticket = Последний токен доступа после отключения
data-why-ticket = Чтобы сообщить TikTok, что доступа больше нет, если он не ответил. Зашифрован, не дольше суток.
data-from-ticket = TikTok
data-to-ticket = TikTok

data-by-law = Хранится, потому что так требует закон
data-by-law-more = Пока мы обязаны хранить то, что перечислено ниже. До указанного дня это не стирается, даже если должно быть стёрто, и файлы до этого дня удалить нельзя. Токены не хранятся никогда. Какая это обязанность, мы ответим на ваш вопрос.
data-by-law-what = Что
data-by-law-person = всё ваше
data-by-law-account = аккаунт { $name } с постами и файлами
data-by-law-since = С какого дня
data-by-law-until = До какого дня, если срок не продлят
