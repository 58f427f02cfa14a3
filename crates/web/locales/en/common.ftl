# Words of every page: menu, verbs, statuses, dates, sizes.

home = MOLOKO.VIDEO, home
not-sent = Not sent: no answer came. What you typed is still here; press once more.
skip = Skip to content
nav-main = Main menu
nav-legal = Legal
nav-queue = Queue
nav-library = Library
nav-new-post = New post
nav-history = History
nav-connections = Accounts
nav-settings = Settings
badge-attention = { $n ->
    [one] { $n } needs attention
   *[other] { $n } need attention
}
nav-privacy = Privacy Policy
nav-terms = Terms
link-privacy = Privacy Policy
link-terms = Terms of Service
link-help = Help and contact
foot-independent = An independent service, not affiliated with TikTok.
switch-language = Language
switch-theme = Colours
theme-system = System
theme-light = Light
theme-dark = Dark

verb-save = Save
verb-delete = Delete
verb-edit = Edit
verb-open = Open
verb-copy = Copy
verb-retry = Try again
verb-keep = Leave as it is
verb-reconnect = Reconnect
verb-disconnect = Disconnect
verb-sign-out = Sign out
copied = Copied
copy-what = Copy { $what }
menu-of = Actions for { $what }
form-has-errors = { $n ->
    [one] One thing to correct
   *[other] { $n } things to correct
}

status-draft = Draft
status-scheduled = Scheduled
status-publishing = Publishing
status-published = Published
status-in-inbox = In TikTok inbox
status-failed = Failed
status-needs-attention = Needs attention
status-cancelled = Cancelled
status-unknown = Outcome unknown
slot-empty = Free slot

count-photos = { $n ->
    [one] { $n } photo
   *[other] { $n } photos
}
count-posts = { $n ->
    [one] { $n } post
   *[other] { $n } posts
}

month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday
weekday-7 = Sunday
date-day = { $day } { $month }
date-day-year = { $day } { $month } { $year }
date-today = Today, { $day }
date-tomorrow = Tomorrow, { $day }
date-yesterday = Yesterday, { $day }
date-weekday = { $weekday }, { $day }
moment-today = today, { $time }
moment-tomorrow = tomorrow, { $time }
moment-yesterday = yesterday, { $time }
moment-day = { $day }, { $time }
relative-now = now
relative-in-seconds = { $n ->
    [one] in { $n } second
   *[other] in { $n } seconds
}
relative-seconds-ago = { $n ->
    [one] { $n } second ago
   *[other] { $n } seconds ago
}
relative-in-minutes = { $n ->
    [one] in { $n } minute
   *[other] in { $n } minutes
}
relative-minutes-ago = { $n ->
    [one] { $n } minute ago
   *[other] { $n } minutes ago
}
relative-in-hours = { $n ->
    [one] in { $n } hour
   *[other] in { $n } hours
}
relative-hours-ago = { $n ->
    [one] { $n } hour ago
   *[other] { $n } hours ago
}
relative-in-days = { $n ->
    [one] in { $n } day
   *[other] in { $n } days
}
relative-days-ago = { $n ->
    [one] { $n } day ago
   *[other] { $n } days ago
}

size-b = { $n } B
size-kb = { $n } KB
size-mb = { $n } MB
size-gb = { $n } GB
size-of = { $done } of { $total }
