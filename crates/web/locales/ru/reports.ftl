# Отчёты по неделям.

reports-title = Отчёты по неделям
reports-lede = Что вышло за неделю, как идут посты, насколько надёжно мы публиковали и что дальше. Можно напечатать, сохранить, забрать с собой.
reports-none = Пока ни в одной неделе ничего нет
reports-none-more = Отчёт появится, как только выйдет первый пост.
reports-none-here = В эти недели ничего не выходило.
reports-older = Более ранние недели
reports-newest = Последние недели
reports-all = Все недели
reports-posts = { $n ->
    [0] постов не было
    [one] вышел { $n } пост
    [few] вышло { $n } поста
   *[other] вышло { $n } постов
}
reports-views = { $n ->
    [one] { $shown } просмотр
    [few] { $shown } просмотра
   *[other] { $shown } просмотров
}
report-week = Неделя { $n }: { $from } – { $until }
report-running = ещё идёт
report-week-before = Неделя до неё
report-week-after = Следующая неделя
report-this-week = Эта неделя
report-accounts = { $n ->
    [one] { $n } аккаунт
    [few] { $n } аккаунта
   *[other] { $n } аккаунтов
}
report-as-of = по состоянию на { $at }
report-so-far = неделя ещё идёт: вот что есть на сейчас
report-empty = В эту неделю ничего не произошло
report-empty-more = Ни один пост не вышел, и ничего не прочитано.
report-print = Напечатать или сохранить как PDF
report-posts-out = Вышло постов
report-posts-before = неделей раньше: { $n }
report-on-time = Вовремя
report-on-time-of = { $n } из { $all }, в пределах минуты
report-no-numbers = Числа TikTok для этих аккаунтов не читаем, поэтому здесь их нет. Чтение включается в «Аналитике», для каждого аккаунта отдельно.
report-days-read = прочитано дней: { $n } из 7
report-before-read = неделей раньше прочитано дней: { $n } из 7
report-compared = { $percent }% к неделе до неё
report-days-more = На сколько выросли просмотры опубликованных отсюда постов — по дням (UTC), когда это было прочитано. Пустое место — день, когда ничего не читали.
report-chart = Просмотры по дням; лучший день — { $day }: { $n }
report-chart-empty = Просмотры по дням; ничего не прочитано
report-chart-this = эта неделя
report-chart-before = тот же день неделей раньше
report-days-table = Числа по дням
report-views-before = Просмотры неделей раньше
report-best = Лучшие посты недели
report-views-word = { $n ->
    [one] просмотр на сейчас
    [few] просмотра на сейчас
   *[other] просмотров на сейчас
}
report-out = Что вышло
report-out-none = В эту неделю ничего не вышло.
report-cut = Это последние { $n }; в таблице XLSX есть и остальные.
report-planned-at = По плану
report-out-at = Вышел
report-by-word = со слов человека
report-inbox = во входящих TikTok
report-tiktok = Открыть в TikTok
report-tiktok-n = Открыть в TikTok ({ $n })
report-counters-more = Сколько у каждого поста всего при последнем чтении, в том числе после этой недели.
report-reliability = Надёжность
report-planned = Запланировано на следующую неделю
report-planned-none = Пока ничего не запланировано.
