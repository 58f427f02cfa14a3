# Строки о том, что случилось, пока человека не было.

nav-notices = Новости
notices-lede = Что случилось, пока вас не было. Строки хранятся 90 дней.
notices-empty = Ничего нового
notices-empty-more = Если пост не выйдет, аккаунт понадобится переподключить или вам ответят, это появится здесь.
notices-read-all = Отметить всё прочитанным
notices-new = новое
notices-open-what = Открыть: { $what }
badge-unread = { $n ->
    [one] { $n } непрочитанная
    [few] { $n } непрочитанные
   *[other] { $n } непрочитанных
}
notice-some-account = аккаунт TikTok
notice-post-failed = Пост не вышел. Аккаунт: { $account }.
notice-post-waits = Пост ждёт вашего решения. Аккаунт: { $account }.
notice-reconnect-needed = Нужно переподключить аккаунт { $account }.
notice-document-changes = { $document } { $version }: прочитайте, что меняется, и ответьте.
notice-request-answered = На ваше обращение № { $number } ответили.
notice-erasure-begun = TikTok закрыл нам доступ к аккаунту, поэтому всё, что к нему относится, будет стёрто. Вот расписка.
notice-erased-before = Всё, что было у вас здесь раньше, стёрто. Вот расписка.
notice-report-ready = Готов отчёт за неделю. { $week }
notice-inactive = Вас долго не было, и все ваши данные вот-вот были бы стёрты. Вы вернулись, поэтому всё остаётся.
