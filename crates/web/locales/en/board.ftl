# The board: ideas, drafts, what is ready, what is planned; and labels.

nav-board = Board
board-lede = From the first thought to the plan.
board-ideas = Ideas
board-drafts = Drafts
board-ready = Ready
board-scheduled = Scheduled
board-columns = Columns
board-ideas-none = Nothing yet. Write down what comes to mind; it needs neither a file nor an account.
board-drafts-none = No drafts. Open an idea, or choose a file under “New post”.
board-ready-none = Nothing is called ready. Drag a draft here when it says what you want it to say.
board-scheduled-none = Nothing is planned. Drag a card here, and the post page asks for time and consent.
board-idea-new = New idea
board-idea-add = Write down
board-idea-words = What it is about
board-idea-account = Account
board-idea-any-account = Not decided yet
board-idea-begin = Choose a file for it
board-idea-begin-hint = The idea becomes a draft: its text is where the caption begins, and its labels go along.
board-idea-delete = Forget this idea
board-idea-delete-why = Its words are gone then, and nothing brings them back.
board-idea-delete-now = Forget it for good
board-idea-other = What another window wrote meanwhile
flash-idea-kept = Saved.
flash-idea-deleted = Forgotten.
board-sample = Sample
board-more = More
board-more-what = More about “{ $title }”
board-close = Close
board-move = Where it goes
board-to = To “{ $column }”
board-to-top = To the top of its column
board-plan = Choose the time
board-plan-hint = The time is chosen on the post page, because a planned post needs your consent.
board-unplan-hint = Away from here it becomes a draft again: its consent is void, and it does not go out.
board-plan-again = Plan it again
board-moved = “{ $title }” now stands under “{ $column }”.
board-moved-within = “{ $title }” has another place under “{ $column }”.
board-unplanned = “{ $title }” is a draft again. Its consent is void, so it does not go out until you plan it anew.
board-undo = Undo
board-time-meant = meant for { $at }
board-no-time = No time is chosen yet.
board-nothing-hinders = Nothing is missing here. TikTok is asked when you plan it.
board-hinders-more = { $n ->
    [one] and { $n } more thing
   *[other] and { $n } more things
}
board-show-more = Show { $step } more of { $n }
board-show-rest = Show { $n } more
board-too-many = { $n ->
    [one] { $n } more card is not shown. Choose an account or a label to see fewer.
   *[other] { $n } more cards are not shown. Choose an account or a label to see fewer.
}
board-attention = { $n ->
    [one] { $n } post needs you and stands in no column.
   *[other] { $n } posts need you and stand in no column.
}
board-attention-look = Look
board-hint = Drag a card to another column or place, on a touch screen after a long press; on a phone drop it on a column’s name. With the keyboard: focus a card, press M, choose with the arrow keys, Enter. Nothing is planned without your consent.
board-lifted = Moving. Left and right choose the column, up and down the place, Enter puts it down, Escape gives up.
board-dropped = Not moved.
board-spot = %c, place %p of %n
board-spot-plan = %c: opens the post page, where time and consent are
board-spot-file = %c: an idea needs a file first; opens the page to choose one
board-keeps-file-short = A post with a file does not become an idea again.
error-board-keeps-file = A post with a file does not become an idea again.
error-board-keeps-file-todo = Leave it among the drafts, or delete the draft and write the idea down.
error-board-needs-consent = A post is planned on its own page only, because that takes your consent.
error-board-needs-consent-todo = Open the post and choose its time.
error-board-not-here = This post is past being planned, so it has no place on the board.
error-board-not-here-todo = Look at the post’s own page.
error-board-place-unknown = That place on the board is unknown.
error-board-place-unknown-todo = Load the board again and move the card anew.
error-board-moved-meanwhile = The card was moved or planned since, so this way back is no longer one.
error-board-moved-meanwhile-todo = Look where it stands now, and move it from there.
error-idea-changed-meanwhile = This idea was worded anew in another window meanwhile. Nothing was overwritten.
error-idea-changed-meanwhile-todo = Your words still stand here. Compare both, and save again to keep yours.
error-idea-account-gone = The account of this idea is not here any more.
error-idea-account-gone-todo = Choose another account, or none.
error-idea-gone = This idea is no longer on the board: it became a draft, or was forgotten.
error-idea-gone-todo = Your words stand here as a new idea. Write them down, or leave them.
error-idea-missing = There is nothing in it yet.
error-idea-missing-todo = Write a line.
error-idea-too-long = An idea has at most 2,000 characters, so that it fits a caption.
error-idea-too-long-todo = Shorten it.
error-idea-control-character = There is a sign in it that no caption may have.
error-idea-control-character-todo = Remove what cannot be seen, or type the text anew.
error-too-many-ideas = There are 500 ideas already, and no more are kept.
error-too-many-ideas-todo = Make drafts of some, or forget them.

compose-of-idea = Your idea
compose-of-idea-hint = It becomes the beginning of the caption, and its labels go along. Choose the file and the account; until then the idea stays on the board.
compose-beside = Beside the post

labels-title = Labels
labels-label = Label
labels-lede = Short words by which you tell your posts apart. They stay here: TikTok never sees them.
labels-new = New label
labels-new-hint = At most { $n } on one post.
labels-add = Add
labels-save = Save labels
labels-manage = All labels
labels-none = No labels yet
labels-none-more = A label such as “season” or “waits for approval” can be given to any post or idea, and shown alone on the board, in the queue, the calendar and the history.
labels-all = All labels
labels-any = any
labels-change = Change
labels-delete-why = It is taken away from every post and idea that has it. They stay, but which they were is not kept.
labels-delete-now = Delete everywhere
labels-word = Word
labels-word-hint = At most { $n } characters, without commas.
labels-colour = Colour
labels-colour-any = One that is rare
flash-label-kept = Saved.
flash-label-deleted = Removed from everything that had it.
flash-labels-set = Labels saved.
error-label-gone = One of these labels was deleted meanwhile.
error-label-gone-todo = Look at what is still ticked, and save again.
error-label-missing = There is nothing in it yet.
error-label-missing-todo = Write a word.
error-label-too-long = A label has at most 32 characters.
error-label-too-long-todo = Shorten it.
error-label-comma = A label has no commas or semicolons.
error-label-comma-todo = Leave them out, or make two labels.
error-label-twice = There is such a label already.
error-label-twice-todo = Use that one, or choose another word.
error-too-many-labels = There are 50 labels already, and no more are kept.
error-too-many-labels-todo = Remove one that is not needed.
error-too-many-post-labels = A post has at most 10 labels.
error-too-many-post-labels-todo = Take some away.
flavour-cornflower = Cornflower blue
flavour-raspberry = Raspberry
flavour-honey = Honey
flavour-mint = Mint
flavour-blueberry = Blueberry
flavour-cocoa = Cocoa
flavour-pistachio = Pistachio
flavour-sea = Sea
queue-lede-label = { $n ->
    [0] Nothing with this label goes out today any more.
    [one] { $n } post with this label still goes out today.
   *[other] { $n } posts with this label still go out today.
}
queue-lede-label-many = More than { $n } posts with this label still go out today.
queue-empty-label = Nothing here has this label
queue-empty-label-more = Choose another label above, or “any”.
