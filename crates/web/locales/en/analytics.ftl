# Numbers of posts and accounts, and the switches for reading them.

nav-analytics = Analytics
analytics-lede = How your posts do at TikTok. Nothing is read until you switch it on, account by account.
analytics-no-account = No account is connected
analytics-no-account-more = Connect one first; then you choose here what may be read of it.
readings-title = What may be read
readings-more = Publishing needs none of this, and everything else works without it. If you want to see here how your posts do, you allow it below: one press for each account and each kind of number. TikTok then asks you once more on a page of its own.
readings-what = It adds views, likes, comments and shares of the posts that you publish from here; and, as a choice of its own, the number of followers.
readings-not = Your other videos are never asked about. From TikTok's answers we keep these numbers and the time of reading, nothing else.
readings-often = A new post is read every quarter of an hour, later every hour, then once a day and once a week. Followers are read once a day.
readings-kept = The numbers are kept for { $n } months at most. They stand in your export, and nobody else gets them.
readings-end = One press ends it: reading stops at once and what was read is erased. TikTok cannot take back a single permission, so it shows it as allowed until the account is connected anew; we do not ask for it again.
readings-accept = By pressing you accept for this purpose:
readings-accept-before = which applies to everything else from { $date }.
reading-metrics = Numbers of posts
reading-followers = Number of followers
readings-off = Off: nothing is read.
readings-on = On
readings-not-granted = Waiting: signing in with this account renewed its access without this permission. Nothing is read until you allow it again at TikTok. Allowed
readings-no-grant = Waiting: the account has to be connected again. Allowed
readings-since = since
readings-allow-metrics = Allow numbers of posts
readings-allow-followers = Allow the number of followers
readings-again = Allow again at TikTok
readings-stop = Stop and erase
flash-metrics-allowed = Allowed. The numbers of this account's posts are read from now on.
flash-followers-allowed = Allowed. The number of followers is read from now on, once a day.
flash-reading-not-granted = You left it out at TikTok, so nothing is read. Everything else works as before.
flash-metrics-stopped = Stopped. The numbers of this account's posts are erased.
flash-followers-stopped = Stopped. The numbers of followers are erased.
error-no-such-reading = There is nothing of this kind that could be read.
error-no-such-reading-todo = Go back to the page of numbers and press one of its buttons.

metric-views = Views
metric-likes = Likes
metric-comments = Comments
metric-shares = Shares
metric-unavailable = not to be seen at TikTok now
metric-not-yet = not yet
analytics-range = Days
analytics-days = { $n ->
    [one] last day
   *[other] last { $n } days
}
analytics-compared = { $percent }% against the { $n } days before
analytics-not-compared = nothing earlier to compare with
analytics-per-day = Views per day
analytics-per-day-more = By how much the views of posts published here grew, by the day (UTC) on which that was read. An open space is a day on which nothing was read.
analytics-best = Best: { $day }, { $n }
analytics-chart = Views per day from { $from } to { $until }; the best day was { $day } with { $n }
analytics-chart-empty = Views per day from { $from } to { $until }; none were read
analytics-not-read = not read
analytics-day = Day
analytics-readings = Readings
analytics-table = As a table
analytics-posts = Posts that went out in these days
analytics-posts-none = None that are read. A post appears here when TikTok has given it a public address.
analytics-post = Post
analytics-read-at = Last read
analytics-followers = Followers
analytics-followers-none = Not read yet. It is read once a day.
post-numbers = How it does
post-numbers-no-id = TikTok has given this post no public address yet, so there is nothing to read. Private posts never get one.
post-numbers-not-yet = Not read yet. The first numbers come within minutes.
post-numbers-unavailable = TikTok does not show this post now: it is private, deleted, or not let through yet. What was read last stays here.
post-numbers-chart = Views from { $from } to { $until }, up to { $n }
