# The queue: what needs somebody, today's shelf, the rest, drafts.

queue-morning = Good morning, { $name }
queue-day = Good afternoon, { $name }
queue-evening = Good evening, { $name }
queue-night = Still up, { $name }?
queue-lede = { $n ->
    [0] Nothing goes out today yet.
    [one] { $n } post goes out today.
   *[other] { $n } posts go out today.
}
queue-lede-many = More than { $n } posts still go out today.
queue-attention-all = All { $n } that need you
queue-more = Show more
queue-more-calendar = The rest is in the calendar
queue-lede-done = { $n ->
    [one] Today's post is out.
   *[other] All { $n } posts of today are out.
}
queue-empty = The shelf is empty
queue-empty-more = Drop videos here and we'll pour them over your week.
queue-attention = Needs attention
queue-reconnect = “{ $name }” must be connected again.
queue-reconnect-more = TikTok no longer accepts our access. Its posts wait until you do.
queue-unknown = We can't know whether “{ $title }” went out.
queue-unknown-more = Please look; we won't repeat it on our own.
queue-look = Look and decide
queue-failed = “{ $title }”: { $what }
queue-untitled = Untitled post
queue-nothing-today = Nothing on today's shelf.
queue-shelf = Today's posts
queue-resting = Waiting while their account is paused
queue-resting-more = Their time has passed, and nothing happens to them until you resume the account.
queue-resting-rest = { $n ->
    [one] and { $n } more
   *[other] and { $n } more
}
queue-was-due = was due { $at }
queue-drafts = Drafts
queue-move-or-now = Move or post now
queue-cancel = Cancel post
queue-now-or-move = Post now or move
queue-is-out = It is on TikTok already
queue-from = can go out from { $from }
queue-late = { $n ->
    [one] One post is late: it was due at { $time }.
   *[other] { $n } posts are late: the first was due at { $time }.
}
queue-late-more = Late posts go out by themselves as soon as they can. After { $minutes } minutes we hold them and ask you. If this stays, look at Accounts and at TikTok's status, or post in the TikTok app and cancel here.
queue-late-more-always = Late posts go out by themselves as soon as they can. If this stays, look at Accounts and at TikTok's status, or post in the TikTok app and cancel here.

move-title = Another time
move-lede = Same file, same caption, same choices. A new time needs your consent again.
move-submit = Move
move-now = Post now
cancel-title = Cancel this post?
cancel-which = “{ $name }” at { $account }, planned for { $when }.
cancel-which-held = “{ $name }” at { $account }.
cancel-text = It will not go out. The file and the text stay; you can plan it again.
cancel-confirm = Cancel post
flash-saved = Draft saved.
flash-scheduled = Scheduled. We'll pour it on time.
flash-scheduled-crowded = Scheduled. Much wants to go out then: the queue says when this one can.
flash-sent = On its way. TikTok may need a few minutes to show it.
flash-waits-for-resume = Noted. This account is paused: the post waits until you resume it.
flash-inbox = On its way to the TikTok inbox. Tap the notification in the TikTok app to finish it.
flash-moved = Moved.
flash-cancelled = Cancelled. It will not go out.
flash-deleted = Draft deleted.
conflict-post-changed-meanwhile = The post was changed meanwhile. Look at it again, then decide.
flash-answered = Thank you. We keep your word in the history.
queue-next-slots = Next free slots
arrange-open = Rearrange
arrange-title = Rearrange posts
arrange-lede = Give several planned posts other times at once. Nothing changes before you have seen every new time.
arrange-all = Tick all
arrange-all-of = Tick those of “{ $name }”
arrange-accounts = Tick by account
arrange-nothing = No planned post waits.
arrange-posts = Which posts
arrange-how = How
arrange-slots = Into the next free slots
arrange-slots-more = Each into the next slot of its account that is free and keeps the gap and TikTok's day.
arrange-shuffle = Shuffle
arrange-shuffle-more = The same times, in another order; each account for itself.
arrange-spread = Spread evenly
arrange-spread-more = From the first time below to the last, with the same distance.
arrange-from-date = First post, date
arrange-from-time = First post, time
arrange-until-date = Last post, date
arrange-until-time = Last post, time
arrange-review = Review
arrange-review-title = New times
arrange-review-lede = Same files, same captions, same choices. New times need your consent again: one press for all of them, or none.
arrange-impossible = Not all of this can be.
arrange-impossible-more = Nothing was changed. The reason stands below each post that cannot move.
arrange-was = now
arrange-will = then
arrange-no-slot = no free slot within 90 days
arrange-again = Choose again
arrange-apply = { $n ->
    [one] Move 1 post
   *[other] Move { $n } posts
}
arrange-done = { $n ->
    [one] 1 post has a new time
   *[other] { $n } posts have new times
}
arrange-undone = The posts are back at their times
arrange-undo-over = There is no way back any more: one of these posts was changed since, or the times before have passed.
arrange-undo-more = You can take all of it back. Going back gives times, too, so it needs your consent like every other.
arrange-to-queue = To the queue
