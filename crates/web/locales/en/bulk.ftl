# Many posts at once: the grid, its review, and what came of it.

nav-bulk = Many at once
bulk-open = Many posts at once
bulk-title = Many posts at once
bulk-lede = One row is one draft, saved as you type. Times are by your clock: { $zone }.
bulk-lede-short = One row is one draft, saved as you type.
bulk-empty = No drafts yet. Add files above: each becomes a row for each account you tick.
bulk-add = Add rows
bulk-files = Files from the library
bulk-make = Make rows
bulk-make-hint = One for each file and account; at most { $n } files at once. Nothing is chosen for you.
bulk-file-unfit = TikTok would refuse this file
bulk-rows = { $n ->
    [one] { $n } draft
   *[other] { $n } drafts
}
bulk-pages = Pages of drafts
bulk-tick-all = Tick all
bulk-tick = Tick { $name }
bulk-fill = Fill down
bulk-fill-more = Puts the value of the cell you were in last into the other ticked rows, or into every row below it
bulk-col-file = File
bulk-col-account = Account
bulk-col-privacy = Who can see
bulk-col-disclosure = Commercial
bulk-col-ai = AI
bulk-choose = Choose
bulk-ready = Ready
bulk-to-do = { $n ->
    [one] { $n } thing to do
   *[other] { $n } things to do
}
bulk-to-inbox = Goes to the TikTok inbox; the choices are made in the app
bulk-no-time = Choose a date and a time.
bulk-skipped-time = This time doesn't exist: the clock jumps over it. Choose another one.
bulk-time-twice = This time happens twice. The review asks which one you mean.
bulk-twin-draft = Another draft of this account has the same file.
bulk-twin-planned = This account has the same file planned for { $when }.
bulk-twin-out = This account published the same file before, on { $when }.
bulk-twin-other = Another post of this account has the same file.
bulk-twin-waits = This account has the same file in another post that waits
bulk-twin-waits-more = Both would go out. Delete one of them unless you mean it.
bulk-twin-link = Draft
bulk-file-gone = The file was deleted. Delete the draft, or upload the file again and make a new one.
bulk-file-gone-short = File deleted
bulk-changed = It was changed since you saw it. Look at it again.
bulk-keys = Arrow keys, Tab and Enter move between cells; Enter, F2 or typing goes into one, Escape out of it. Paste cells from a spreadsheet, Ctrl+D fills down, or into the other ticked rows when this one is ticked, Ctrl+Z takes the last paste or fill back. Escape, then Tab leaves the grid.
bulk-key-grid = Go to the grid
bulk-ticked = Ticked rows
bulk-slots = Next free slots
bulk-spread = Spread evenly
bulk-spread-more = Times that the ticked rows have already are replaced.
bulk-spread-do = Spread
bulk-delete = Delete drafts
bulk-delete-sure = { $n ->
    [one] Delete { $n } draft?
   *[other] Delete { $n } drafts?
}
bulk-delete-sure-more = Captions, options and times of these rows are gone for good. Files stay in the library, and what is planned stays planned.
bulk-review = Review and consent
bulk-nothing-sent = Nothing is planned or sent before you have looked at each post and agreed.
bulk-said-unsaved = Not saved yet. We try again.
bulk-said-not-saved = This row is not saved as it is. Change it or reload the page.
bulk-said-conflict = This row was changed in another tab and is not saved here any more. Reload the page.
bulk-said-saved = Saved.
bulk-said-pasted = Cells filled: %n.
bulk-said-filled = Cells filled: %n.
bulk-said-refused = Not understood and left as they were: %n.
bulk-review-title = Review and consent
bulk-review-lede = { $n ->
    [0] None of the ticked posts can be planned yet.
    [one] This post goes out as shown here. One press at the end agrees to it.
   *[other] These { $n } posts go out as shown here. One press at the end agrees to each of them.
}
bulk-back = Back to the grid
bulk-behind = { $n ->
    [one] { $n } post stays a draft
   *[other] { $n } posts stay drafts
}
bulk-none-ready = Nothing to agree to. Go back to the grid and do what is missing there.
bulk-when = Goes out
bulk-nothing-allowed = Nothing
bulk-yes = Yes
bulk-no = No
bulk-look-first = Look at every post first. Still to see: %n.
bulk-agree-more = Each post gets a consent of its own. TikTok is asked again what each account may do; what cannot be planned stays a draft and tells you why.
bulk-agree = { $n ->
    [one] Schedule { $n } post
   *[other] Schedule { $n } posts
}
bulk-gone = { $n ->
    [one] One post that was chosen is not there any more: it was deleted in another window or moved to another account.
   *[other] { $n } posts that were chosen are not there any more: they were deleted in another window or moved to another account.
  }
bulk-done = { $n ->
    [0] Nothing was scheduled
    [one] { $n } post scheduled
   *[other] { $n } posts scheduled
}
bulk-done-behind = { $n ->
    [one] { $n } post stays a draft; the reason stands beside it.
   *[other] { $n } posts stay drafts; the reasons stand beside them.
}
flash-bulk-timed = Times are in. Nothing is planned yet.
flash-bulk-timed-partly = Some rows have no free slot and stayed as they were. Nothing is planned yet.
flash-bulk-deleted = Drafts deleted.
