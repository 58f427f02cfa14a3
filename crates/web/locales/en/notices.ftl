# Lines that tell what happened while the reader was away.

nav-notices = News
notices-lede = What happened while you were away. Lines are kept for 90 days.
notices-empty = Nothing new
notices-empty-more = When a post does not go out, an account has to be renewed, or somebody answers you, it says so here.
notices-read-all = Mark all as read
notices-new = new
notices-open-what = Open: { $what }
badge-unread = { $n ->
    [one] { $n } unread
   *[other] { $n } unread
}
notice-some-account = a TikTok account
notice-post-failed = A post of { $account } did not go out.
notice-post-waits = A post of { $account } waits for your decision.
notice-reconnect-needed = { $account } has to be connected again.
notice-document-changes = { $document } { $version }: please read what changes and answer.
notice-request-answered = Your request no. { $number } has an answer.
notice-erasure-begun = TikTok ended our access to an account, so what belongs to it is going to be erased. Here is the receipt.
notice-erased-before = What you had here before was erased. Here is the receipt.
notice-report-ready = Your report is there. { $week }
notice-inactive = You had not been here for a long time, and everything of yours was going to be erased. You are back, so it stays.
