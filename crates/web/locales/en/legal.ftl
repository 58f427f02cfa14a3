# Around the policy and the terms (their texts are in documents/), and a person's answer to them.

span-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
span-months = { $n ->
    [one] { $n } month
   *[other] { $n } months
}
list-and = and
country-de = Germany

legal-contents = Contents
legal-clause = Clause { $id }
legal-versions = Versions:
legal-what-changed = What this version changed
legal-what-changes = What changes
legal-read-it = Read it
legal-see-current = The text in force
legal-applies-from = This version is not in force yet: it applies from { $date }.
legal-superseded = This version is no longer in force.
legal-announced = Version { $version } applies from { $date }.
legal-controller = Responsible
legal-postal = Post
legal-email = E-mail
legal-officer = Data protection
legal-authority = Authority for complaints
legal-processor-who = Who
legal-processor-what = What for
legal-processor-where = Country
legal-no-processors = Nobody: the operator runs the server alone.

legal-changes-title = What changed: { $document } { $version }
legal-changes-lead = Every clause that is not as it was since version { $before }. This version applies from { $date }.
legal-changes-first = This is the first version, so there is nothing to compare it with.
legal-changes-legend = How changes are marked:
legal-gone-word = what was taken out
legal-new-word = what is new
legal-whole-text = The whole text { $version }
legal-added = New
legal-removed = Taken out
legal-changed = Changed
legal-say-gone = removed:
legal-say-new = added:
legal-say-end = (end)
legal-unchanged = { $n ->
    [one] { $n } clause says the same as before.
   *[other] { $n } clauses say the same as before.
}

retention-what = What
retention-active = While you are here
retention-after = After you leave
retention-life = as long as your account
retention-at-once = at once
retention-within = { $n ->
    [one] within { $n } day
   *[other] within { $n } days
}
retention-pseudonymised = { $n ->
    [one] identifiers replaced within { $n } day
   *[other] identifiers replaced within { $n } days
}
retention-by-age = by age
retention-metrics = { $n } months at most, or until you switch it off
retention-sessions = { $idle } days without use, { $most } days at most
data-class-person = You: name, language, time zone, age confirmation
data-class-profile = TikTok accounts: name, picture, permissions
data-class-tokens = TikTok's tokens and their key
data-class-keys = Keys under which names, posts and what you wrote are sealed
data-class-media = Files, counted from the day they were published
data-class-posts = Posts, captions, plans
data-class-consents = Your consents and answers
data-class-attempts = How your posts were published
data-class-metrics = Numbers that you allowed: views, likes, comments and shares of posts, followers
data-class-sessions = Your sign-in sessions
data-class-support = What you wrote to us, and our answers
data-class-notices = News: what happened while you were away
data-class-audit = The record of sign-ins and deletions
data-class-ticket = A last access token, only to tell TikTok that you disconnected
data-class-erasure = Receipts of deletions, without content
data-class-hold = Legal duties to keep something, without content
data-class-requests = The log of requests
data-class-backups = Backups

policy-label = Changed terms
policy-changes = { $names } change on { $date }.
policy-changes-more = Please read what changes and answer. Without an answer you can't plan anything new from that day on.
policy-changed = { $names } changed on { $date }.
policy-changed-more = Until you answer, nothing new can be planned or posted. What you planned before goes out.
policy-refused = You did not agree to { $names }.
policy-refused-more = Nothing new can be planned or posted. You can change your mind, take your data with you, or leave.
policy-what-changes = What changes:
policy-what-changed = What changed:
policy-leave = I do not agree: export or leave
flash-policy-read = Thank you, noted.
flash-policy-refused = Noted: you do not agree. Your choices are below.

agreement-title = Your choices
agreement-lede-agreed = You have agreed to everything that applies. You can take that back here.
agreement-lede-before = The policy and the terms change. Read what changes, then decide.
agreement-lede-barred = The policy and the terms changed, and you have not agreed. Nothing new can be planned or posted until you do.
agreement-versions = What it is about
agreement-from = { $document } { $version }, from { $date }:
agreement-since = { $document } { $version }, since { $date }:
agreement-read = I have read it
agreement-refuse = I do not agree
agreement-otherwise = If you do not agree
agreement-otherwise-text = You can go on reading everything here, for as long as you like. Only planning and posting something new ends with the day of the change. These ways are open:
agreement-way-queue = Look at what is planned
agreement-way-queue-why = it goes out as you approved it, unless you cancel it.
agreement-way-export = Take your data with you
agreement-way-export-why = in your settings; write to us if something is missing.
agreement-way-disconnect = Disconnect your TikTok accounts
agreement-way-disconnect-why = their tokens are destroyed at once.
agreement-way-delete = Delete everything and leave
agreement-way-delete-why = in your settings, or by writing to us.
agreement-answers = What you answered
agreement-said-accepted = accepted by connecting
agreement-said-read = read
agreement-said-refused = refused

error-policy-newer-version = A newer version was published since that page was drawn, or the page named none.
error-policy-newer-version-todo = Open the page again, read what changed and answer there.
error-policy-unanswered-what = Nothing was planned or posted.
error-policy-unanswered = The policy or the terms changed, and you have not agreed to them yet. What you planned before goes out as ever.
error-policy-unanswered-todo = Read what changed and answer. Then go back and press the button once more.
connect-agree-from = (from { $date })
connect-agree-known = If you have been here before, what you answered then stays as it is.

promises-title = How each promise is kept
promises-lead = Clause by clause: what in the program keeps it, and what it does not keep yet. Tests show it in every version of the program, unless something else is said at the clause.
promises-policy = The policy itself
promises-in-part = Kept in part; what is there is shown by tests.
promises-duty = Kept by the operator, not by the program.
promises-missing = Not yet:
legal-how-kept = How it is kept
