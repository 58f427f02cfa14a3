# Connected accounts.

connections-lede = The TikTok accounts your posts go to.
connections-add = Add account
connections-empty = No account yet
connections-empty-more = Connect a TikTok account, and posts can go out.
connections-active = Works.
connections-reconnect-needed = Must be connected again.
connections-disconnected = Disconnected. Its access is destroyed.
connections-waiting = { $n ->
    [one] { $n } post waits for it.
   *[other] { $n } posts wait for it.
}
scope-basic-granted = We see name and picture
scope-publish-granted = We may post videos you schedule
scope-publish-missing = Posting was not allowed: only inbox drafts work
scope-upload-granted = We may send drafts to the TikTok inbox
scope-upload-missing = Inbox drafts were not allowed
connections-since = Connected
connections-access = Access renewed by itself before
connections-grant = Permission ends
disconnect-title = Disconnect “{ $name }”?
disconnect-text = Our access to the account and its picture are destroyed at once, and TikTok is told. Posts that wait for it are put aside. Its posts, history and the files only they use are erased from { $at }, at the latest by { $deadline }; connect it again before and they stay.

# The week of an account, and its rest.

rhythm-open = Slots and pause
rhythm-back = All accounts
rhythm-title = The week of “{ $name }”
rhythm-lede = The times at which its posts like to go out, by your clock: { $zone }.
rhythm-week = Slots
rhythm-week-more = “Next free slot” on the post page and on the queue offers these times. Planned posts stay where they are. Untick a time to remove it.
rhythm-keys = Click an hour to add a slot, drag one to another place. With the keyboard: arrow keys move the slot you are on, left and right by a day, up and down by a quarter of an hour; the space bar removes it. Then save.
rhythm-gap = Smallest gap between posts, minutes
rhythm-gap-hint = 0 for none. A time closer than that to another post of this account is refused.
rhythm-gap-wrong = The gap has to be a number of minutes from 0 to { $most }. Correct it and save again.
rhythm-time-missing = This is no time of day. Give hours and minutes, then add it again.
rhythm-days-missing = No day is ticked, so nothing was changed. Tick the days and press again.
rhythm-too-many = A week has at most 168 slots. Remove some first.
rhythm-add = Add a time
rhythm-days = On
rhythm-add-submit = Add and save
rhythm-copy = Copy a day
rhythm-copy-from = The slots of
rhythm-copy-to = in place of those of
rhythm-copy-submit = Copy and save
rhythm-said-moved = Moved to
rhythm-said-removed = Removed:
rhythm-said-added = Added:
pause-off = Posts of this account go out on time.
pause-off-more = A pause keeps all of them back until you end it. Times and consents stay.
pause-begin = Pause
pause-on = “{ $name }” is paused.
pause-on-more = Nothing of it has been sent since { $since }. Its posts wait.
pause-end = Resume
resume-title = Resume “{ $name }”?
resume-nothing-now = No post is overdue: nothing goes out at once.
resume-now = { $n ->
    [one] One post goes out now
   *[other] { $n } posts go out now
}
resume-now-more = One after the other, { $minutes ->
    [one] with a minute
   *[other] with { $minutes } minutes
} between them.
resume-asked = { $n ->
    [one] One post is too late: you are asked first
   *[other] { $n } posts are too late: you are asked first
}
resume-later = { $n ->
    [0] No other post is planned.
    [one] One more post goes out at its time.
   *[other] { $n } more posts go out at their times.
}
resume-more = and { $n } more
flash-rhythm-saved = Saved.
flash-paused = Paused. Nothing of this account goes out until you resume.
flash-paused-some-go = Paused. What TikTok already has whole still comes out.
flash-resumed = Resumed.
