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
report-cut-shared = These are the latest { $n }; more went out.
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

sharing-title = Show this to others
sharing-more = Makes a link by which whoever has it reads this report, without signing in. They can change nothing and get no further than this one page.
sharing-which = What the link shows
sharing-this-week = This week, and no other
sharing-newest = Whichever week was over last
sharing-for = For how long
sharing-days = { $n } days
sharing-name = What you call it, for yourself and its readers
sharing-name-hint = For example: for the bakery
sharing-sees = They see the names of accounts, pictures, captions, numbers and reliability of the week, and what is planned for the week after; of accounts that are connected now, for as long as they stay so. How often the link was opened is counted; by whom is not noted.
sharing-make = Make a link
sharing-made = The link is ready
sharing-made-more = Copy it now: it is shown this once. We keep only a fingerprint of it and cannot show it again.
sharing-address = Address
sharing-holds = It holds until { $at }.
sharing-ends = You end it sooner with one press, in the list of links or under Your data.
sharing-back = Back to the report
links-title = Who can read your reports
links-more = Whoever has one of these links reads a report without signing in. One press ends a link, at once.
links-none = There is no link.
links-until = holds until { $at }
links-over = held until { $at }
links-opened = { $n ->
    [one] opened once, { $at }
   *[other] opened { $n } times, last { $at }
}
links-never = not opened yet
links-end-what = End the link: { $what }
links-forget = Take off the list
flash-report-link-ended = The link opens nothing any more.
shared-until = This link holds until { $at }. All times: { $zone }.
shared-description = A weekly report that somebody shares with you.
shared-nothing = There is nothing to see here
shared-nothing-more = This link shows nothing: it may have been ended, its time may have passed, or a letter of it got lost on the way. Ask whoever gave it to you for a new one.
shared-foot = Made with MOLOKO.VIDEO. This page was shared by a link and sets no cookie.
weekly-title = Weekly reports
weekly-more = A report of each week is there when the week is over. On Monday at eight you are told, when anything happened in it. This is on by itself once numbers of your posts are read.
weekly-how = Tell me
weekly-off = Not at all
weekly-news = With a line under News
weekly-browsers = Under News, and in my browsers that are told things
error-report-link-name = The name is not a line of at most 50 characters.
error-report-link-name-todo = Give a shorter one, or none.
error-report-link-days = A link holds for 7, 30 or 90 days.
error-report-link-days-todo = Choose one of them.
error-report-link-week = This week is not over yet, so it cannot be shared by itself.
error-report-link-week-todo = Share whichever week was over last, or wait until Monday.
error-too-many-report-links = 50 links hold already.
error-too-many-report-links-todo = End one that nobody needs.
error-report-wish = There is no such way of being told.
error-report-wish-todo = Choose one from the list.
