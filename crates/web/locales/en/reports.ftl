# Reports of weeks.

reports-title = Weekly reports
reports-lede = What went out in a week, how it did, how reliable publishing was, and what comes next. To print, to save, to take along.
reports-none = No week has anything yet
reports-none-more = A report is there as soon as a post is out.
reports-none-here = Nothing went out in these weeks.
reports-older = Older weeks
reports-newest = Newest weeks
reports-all = All weeks
reports-posts = { $n ->
    [0] no posts went out
    [one] { $n } post went out
   *[other] { $n } posts went out
}
reports-views = { $n ->
    [one] { $shown } view
   *[other] { $shown } views
}
report-week = Week { $n }: { $from } – { $until }
report-running = not over yet
report-week-before = The week before
report-week-after = The week after
report-this-week = This week
report-accounts = { $n ->
    [one] { $n } account
   *[other] { $n } accounts
}
report-as-of = as it stood { $at }
report-so-far = the week is not over: this is how it stands so far
report-empty = Nothing happened in this week
report-empty-more = No post went out, and nothing was read.
report-print = Print or save as PDF
report-posts-out = Posts out
report-posts-before = the week before: { $n }
report-on-time = On time
report-on-time-of = { $n } of { $all }, within a minute
report-no-numbers = Numbers of TikTok are not read for these accounts, so there are none here. They are switched on in Analytics, account by account.
report-days-read = read on { $n } of 7 days
report-before-read = the week before was read on { $n } of 7 days only
report-compared = { $percent }% against the week before
report-days-more = By how much the views of posts published here grew, by the day (UTC) on which that was read. An open space is a day on which nothing was read.
report-chart = Views of each day; the best day was { $day } with { $n }
report-chart-empty = Views of each day; none were read
report-chart-this = this week
report-chart-before = the same day of the week before
report-days-table = Numbers of each day
report-views-before = Views a week before
report-best = Best posts of the week
report-views-word = { $n ->
    [one] view so far
   *[other] views so far
}
report-out = What went out
report-out-none = Nothing went out in this week.
report-cut = These are the newest { $n }; the workbook has more.
report-planned-at = Planned
report-out-at = Out
report-by-word = a person said so
report-inbox = in the inbox at TikTok
report-tiktok = See it at TikTok
report-tiktok-n = See it at TikTok ({ $n })
report-counters-more = What each post has altogether when it was read last, also after the week.
report-reliability = Reliability
report-planned = Planned for the week after
report-planned-none = Nothing is planned yet.
