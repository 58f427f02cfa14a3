# The calendar: its views, what a clock change does to a day, moving a post and taking it back.

nav-calendar = Calendar
calendar-span-month = Month
calendar-span-week = Week
calendar-span-day = Day
calendar-span-agenda = Agenda
calendar-spans = How much is shown
calendar-earlier = Earlier
calendar-later = Later
calendar-today = Today
calendar-month = { $month } { $year }
calendar-from-to = { $from } – { $to }
calendar-all-accounts = All accounts
calendar-all-states = everything planned or done
calendar-any-tag = any
calendar-states = Shown
calendar-more = { $n ->
    [one] + { $n } more
   *[other] + { $n } more
}
calendar-nothing = Nothing is planned for these two weeks.
calendar-drafts = Drafts without a time
calendar-new-at = New post at { $time }
calendar-pages = Pages of this day
calendar-page-before = Earlier posts
calendar-page-after = Later posts
calendar-too-many = Only what comes before { $until } is counted here.
calendar-too-many-more = Choose one account, or look at single days.
calendar-clock-forward = { $hours } hours: the clock goes forward
calendar-clock-back = { $hours } hours: the clock goes back
calendar-skipped = The clock skips { $time }
calendar-shortened = The clock jumps to { $time }
calendar-again = { $time } for the second time
calendar-budget = { $name }: { $used } of { $allowed } posts that TikTok usually takes within 24 hours
calendar-budget-inbox = { $name }: { $used } of { $allowed } drafts that may wait in the TikTok inbox within 24 hours
calendar-move = Move
calendar-move-what = Move “{ $title }”
calendar-stands = Now planned for { $at }.
calendar-moved = “{ $title }” moved to { $at }.
calendar-undo = Undo
calendar-hint = Drag a post to another day or hour, on a touch screen after a long press; hold it over the arrows or at the edge to turn the page. With the keyboard: focus a post, press M, choose with the arrow keys or Page Up and Page Down, Enter. A new time needs your consent, so it is asked for each time.
calendar-lifted = Moving. Arrow keys choose day and hour, Page Up and Page Down turn the page, Enter goes on, Escape gives up.
calendar-dropped = Not moved.

weekday-short-1 = Mon
weekday-short-2 = Tue
weekday-short-3 = Wed
weekday-short-4 = Thu
weekday-short-5 = Fri
weekday-short-6 = Sat
weekday-short-7 = Sun
month-alone-1 = January
month-alone-2 = February
month-alone-3 = March
month-alone-4 = April
month-alone-5 = May
month-alone-6 = June
month-alone-7 = July
month-alone-8 = August
month-alone-9 = September
month-alone-10 = October
month-alone-11 = November
month-alone-12 = December
calendar-free-slot = Free slot at { $time } of “{ $name }”: new post
