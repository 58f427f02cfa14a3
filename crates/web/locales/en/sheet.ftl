# The plan as a spreadsheet.

sheet-title = Spreadsheets
sheet-import = Bring a file
sheet-file = CSV or XLSX
sheet-file-hint = At most 2 MB, { $rows } rows and { $columns } columns; CSV as UTF-8. First you see what would come of it; nothing is made before.
sheet-try = Look at it first
sheet-template-csv = Empty file, CSV
sheet-template-xlsx = Empty file, XLSX
sheet-columns = What each column takes
sheet-column-account = The account: its user name or its name.
sheet-column-file = The file's name in the library. Several photos of one post: a line each.
sheet-column-title = The title of photos.
sheet-column-caption = The caption.
sheet-column-privacy = everyone, friends, followers or only you. Empty: you choose later.
sheet-column-allow-comment = yes or no; empty is no.
sheet-column-allow-duet = yes or no; empty is no.
sheet-column-allow-stitch = yes or no; empty is no.
sheet-column-disclosure = yes or no: commercial content.
sheet-column-your-brand = yes or no.
sheet-column-branded-content = yes or no.
sheet-column-ai-generated = yes or no.
sheet-column-cover = Milliseconds of the cover frame; of photos the number of the picture.
sheet-column-add-music = yes or no; of photos.
sheet-column-date = 2026-12-24 or 24.12.2026.
sheet-column-time = 18:30.
sheet-column-zone = For example Europe/Berlin. Empty: your own.
sheet-column-labels = Labels with commas between, at most 10. Those that are missing are made.
sheet-column-state = Told when the plan is written; not read.
sheet-export = Take the plan along
sheet-export-more = Planned posts and drafts. The file reads back as it is.
sheet-from = From
sheet-until = Until, that day included
sheet-tried = { $n ->
    [one] { $n } row looked at
   *[other] { $n } rows looked at
}
sheet-tried-more = Nothing is made yet.
sheet-ignored = Columns that mean nothing here are left out: { $heads }
sheet-ready = { $n ->
    [0] No row can become a draft.
    [one] { $n } row becomes a draft.
   *[other] { $n } rows become drafts.
}
sheet-left-out = { $n ->
    [one] { $n } row is left out.
   *[other] { $n } rows are left out.
}
sheet-drafts-only = Drafts stand in the grid. Each is shown to you and asks for your consent before it is planned.
sheet-make = { $n ->
    [one] Make { $n } draft
   *[other] Make { $n } drafts
}
sheet-make-again = { $n ->
    [one] Make { $n } draft, also where one is there
   *[other] Make { $n } drafts, also where one is there
}
sheet-there = { $n ->
    [one] { $n } row has its post already.
   *[other] { $n } rows have their posts already.
}
sheet-there-more = The account has a draft or a planned post with the same file. These rows are left out unless you want them once more.
sheet-faults = { $n ->
    [one] { $n } thing to look at
   *[other] { $n } things to look at
}
sheet-row = Row
sheet-column = Column
sheet-cell = Cell
sheet-wrong = What is wrong
sheet-stops = Left out.
sheet-more-faults = And { $n } more.
sheet-fault-unknown-account = No connected account has this name.
sheet-fault-many-accounts = Several accounts have this name. Write the user name.
sheet-fault-unknown-file = No file of this name is in the library. Upload it first.
sheet-fault-many-files = Several different files have this name. Rename one and upload it again.
sheet-fault-unfit-file = TikTok would refuse this file. The library says why.
sheet-fault-mixed-files = A post is one video, or photos only.
sheet-fault-unfit-photos = TikTok takes at most 35 photos in one post, each once.
sheet-fault-missing = This has to be filled.
sheet-fault-bad-privacy = Write everyone, friends, followers or only you, or leave it empty.
sheet-fault-bad-answer = Write yes or no.
sheet-fault-bad-cover = No moment of this video, and no picture of this post.
sheet-fault-bad-date = No date. Write it as 2026-12-24 or 24.12.2026.
sheet-fault-bad-time = No time of day. Write it as 18:30.
sheet-fault-half-time = Date and time belong together; one of them is missing.
sheet-fault-bad-zone = No time zone. Write it as Europe/Berlin.
sheet-fault-skipped-time = This time doesn't exist: the clock jumps over it.
sheet-fault-time-twice = This time happens twice. The review asks which one you mean.
sheet-fault-past-time = This time has passed.
sheet-fault-twin = This account has a draft or a planned post with this file already.
sheet-fault-went-out = This account published this file before.
sheet-fault-went-out-at = This account published this file before, on { $when }.
sheet-fault-same-as-row = Row { $row } has the same account and the same file.
sheet-fault-too-long = { $used } of { $most } characters. Shorten it in the grid.
sheet-fault-long-label = A label has at most 32 characters.
sheet-fault-many-labels = A post has at most 10 labels.
sheet-fault-no-room-for-labels = With these there would be more than 50 labels. Use those that there are, or delete some.
sheet-fault-endless = Too long even for a draft.
flash-sheet-made = Drafts made. They stand in the grid.
