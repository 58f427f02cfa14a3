# What is held about a person.

data-title = Your data
data-lede = Everything we hold about you and your workspace: why, from where, for how long, and who else receives it.
data-count = { $n ->
    [0] nothing
    [one] { $n } item
   *[other] { $n } items
}
data-count-many = more than a thousand items
data-why = Why
data-from = From
data-to = Who receives it
data-kept = How long
data-clauses = In the policy
data-see = See it
data-kept-life = as long as you are here
data-kept-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
data-gone-at-once = after a disconnect or deletion gone at once
data-gone-days = after a disconnect or deletion gone within { $n ->
    [one] { $n } day
   *[other] { $n } days
}
data-sealed = Sealed
data-sealed-person = in part, under a key of your own
data-sealed-connection = in part, under a key of the account

data-withheld = What is not shown
data-withheld-more = The tokens that TikTok gave us are there, encrypted, and are shown to nobody, not even to you: who had them could post in your name. The keys that protect them, and hashes of secrets, are not shown either.
data-json = As a file for programs

held-person = You
data-why-person = To know you when you sign in, and to show pages as you like them.
data-from-person = TikTok at sign-in; your settings
data-to-person = nobody
held-connection-profile = Your TikTok accounts
data-why-connection-profile = To show which account a post goes to, and what you allowed.
data-from-connection-profile = TikTok
data-to-connection-profile = nobody
held-tokens = Access tokens
data-why-tokens = To publish what you planned. Encrypted; never shown, never exported.
data-from-tokens = TikTok
data-to-tokens = TikTok
held-media = Files
data-why-media = To publish them.
data-from-media = you
data-to-media = TikTok, when a post goes out
held-posts = Posts
data-why-posts = To publish them at the time you chose.
data-from-posts = you
data-to-posts = TikTok, when a post goes out
held-consents = Consents and answers
data-why-consents = To prove that you agreed to exactly this post, and what you answered to the policy and the terms.
data-from-consents = you
data-to-consents = nobody
held-attempts = How posts were published
data-why-attempts = To publish once and no more, and to show what happened.
data-from-attempts = this service and TikTok's answers
data-to-attempts = nobody
held-metrics = Numbers of your posts and accounts
data-why-metrics = To show you how your posts do and how many followers there are, where you switched that on.
data-from-metrics = TikTok
data-to-metrics = nobody
held-sessions = Signed-in browsers
data-why-sessions = To keep you signed in, and to let you end what you don't recognise; and to tell browsers things where you asked for it.
data-from-sessions = your browser
data-to-sessions = nobody; where you asked for messages, the push service of that browser, which cannot read them
held-support = What you wrote to us
data-why-support = To answer you, and to be able to tell later what was said.
data-from-support = you; whoever runs this server
data-to-support = nobody
held-notices = News
data-why-notices = To tell you what happened while you were away. Ids only, no content.
data-from-notices = this service
data-to-notices = nobody
held-audit = Who did what
data-why-audit = To notice misuse. Ids only, no content.
data-from-audit = this service
data-to-audit = nobody
held-erasure = Receipts of erasures and deletions
data-why-erasure = To prove that it was erased. Of erasures ids and counts only; of files that you deleted their names.
data-from-erasure = you, or TikTok when it ended our access
data-to-erasure = nobody
held-keys = Keys of names and words
data-why-keys = What you and your accounts are called, your pictures, names of files and what you wrote are sealed under them. When you leave they are destroyed first, so that no copy can be read any more.
data-from-keys = This service
data-to-keys = Nobody

held-ticket = A last access token after a disconnect
data-why-ticket = To tell TikTok that the access is over when it did not answer. Encrypted, for a day at most.
data-from-ticket = TikTok
data-to-ticket = TikTok

data-by-law = Kept because the law obliges us to
data-by-law-more = We are obliged to keep the following for now. It is not erased before the date below, even when it is to be, and its files can't be deleted until then. Tokens are never kept. Which duty it is we tell you when you ask.
data-by-law-what = What
data-by-law-person = everything of yours
data-by-law-account = the account { $name } with its posts and files
data-by-law-since = Since
data-by-law-until = Until, unless it is extended
