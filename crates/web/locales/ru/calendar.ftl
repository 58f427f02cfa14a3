# Календарь: виды, переводы часов, перенос поста и его отмена.

nav-calendar = Календарь
calendar-span-month = Месяц
calendar-span-week = Неделя
calendar-span-day = День
calendar-span-agenda = Список
calendar-spans = Сколько показать
calendar-earlier = Раньше
calendar-later = Позже
calendar-today = Сегодня
calendar-month = { $month } { $year }
calendar-from-to = { $from } – { $to }
calendar-all-accounts = Все аккаунты
calendar-all-states = всё, что запланировано и сделано
calendar-any-tag = любая
calendar-states = Показано
calendar-more = { $n ->
    [one] ещё { $n }
    [few] ещё { $n }
   *[other] ещё { $n }
}
calendar-nothing = На эти две недели ничего не запланировано.
calendar-drafts = Черновики без времени
calendar-new-at = Новый пост на { $time }
calendar-pages = Страницы этого дня
calendar-page-before = Более ранние посты
calendar-page-after = Более поздние посты
calendar-too-many = Здесь посчитано только то, что раньше { $until }.
calendar-too-many-more = Выберите один аккаунт или посмотрите отдельные дни.
calendar-clock-forward = { $hours } часа: часы переводят вперёд
calendar-clock-back = { $hours } часов: часы переводят назад
calendar-skipped = Часы пропускают { $time }
calendar-shortened = Часы перескакивают на { $time }
calendar-again = { $time } во второй раз
calendar-budget = { $name }: { $used } из { $allowed } постов, которые TikTok обычно принимает за 24 часа
calendar-budget-inbox = { $name }: { $used } из { $allowed } черновиков, которые могут ждать во входящих TikTok за 24 часа
calendar-move = Перенести
calendar-move-what = Перенести «{ $title }»
calendar-stands = Сейчас запланирован: { $at }.
calendar-moved = «{ $title }»: новое время — { $at }.
calendar-undo = Вернуть назад
calendar-hint = Перетащите пост на другой день или час; на сенсорном экране сначала задержите палец; чтобы перелистнуть страницу, подержите пост над стрелками или у края. С клавиатуры: выберите пост, нажмите M, затем стрелки или Page Up и Page Down и Enter. Новое время требует вашего согласия, поэтому о нём каждый раз спрашиваем.
calendar-lifted = Переносим. Стрелки выбирают день и час, Page Up и Page Down листают, Enter продолжает, Escape отменяет.
calendar-dropped = Не перенесён.

weekday-short-1 = Пн
weekday-short-2 = Вт
weekday-short-3 = Ср
weekday-short-4 = Чт
weekday-short-5 = Пт
weekday-short-6 = Сб
weekday-short-7 = Вс
month-alone-1 = Январь
month-alone-2 = Февраль
month-alone-3 = Март
month-alone-4 = Апрель
month-alone-5 = Май
month-alone-6 = Июнь
month-alone-7 = Июль
month-alone-8 = Август
month-alone-9 = Сентябрь
month-alone-10 = Октябрь
month-alone-11 = Ноябрь
month-alone-12 = Декабрь
calendar-free-slot = Свободный слот в { $time }, «{ $name }»: новый пост
