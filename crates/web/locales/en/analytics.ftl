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
readings-kept = The numbers are kept for { $n } months at most. They stand in your export, and nobody else gets them unless you show a report to somebody.
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
flash-reading-not-renewed = You are signed in. TikTok did not renew the permission to read numbers, so reading waits; allow it again under Analytics.
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
analytics-compared = { $percent }% against the { $n ->
    [one] day
   *[other] { $n } days
} before
analytics-compared-some = The comparison is of { $n ->
    [one] { $n } account
   *[other] { $n } accounts
} out of { $of }: only of those that were read throughout both times, and without the day that is not over.
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
analytics-posts-table = Posts and their numbers
analytics-posts-cut = The { $n } with the most views.
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

times-title = When it works
times-nothing = No post with numbers is old enough yet. Posts are compared by their views 24 hours after they went out.
times-lede = { $n ->
    [one] One post
   *[other] { $n } posts
} since { $since }, by when they went out ({ $zone }). Each cell says how its posts did in the first 24 hours: the median of their views in percent of what is usual for the account, 100 being as usual.
times-table = Views by weekday and hour
times-table-more = Views 24 hours after posting, by weekday and two hours, in percent of what is usual for the account
times-posts = { $n ->
    [one] one post
   *[other] { $n } posts
}
times-better = better by more than chance
times-no-post = no post
times-few = { $n ->
    [one] one post, too few
   *[other] { $n } posts, too few
}
times-legend = Percent:
times-and-more = { $n } and more
times-legend-few = fewer than { $n } posts, or fewer than { $usual } of the account
times-left-out = { $n ->
    [one] One post is left out: it was not read close enough to its first 24 hours, or TikTok did not say when it could first be seen.
   *[other] { $n } posts are left out: they were not read close enough to their first 24 hours, or TikTok did not say when they could first be seen.
}
times-young = { $n ->
    [one] One post is younger than a day and not counted yet.
   *[other] { $n } posts are younger than a day and not counted yet.
}
times-cut = Only the newest { $n } posts are counted.
times-when = When
times-head-posts = Posts
times-head-views = Views after 24 hours (median)
times-head-percent = % of usual
times-suggested = Suggested times
times-none = None. So far no time did better by more than chance.
times-how = A time is suggested when at least 5 posts of an account went out then, when they had more views than the others in the middle, and when so large a difference would come by chance in fewer than one of twenty such tables. If the account grew or shrank in these months, its later posts had more or fewer views at every hour, and that is not taken out of the comparison. It tells what went together with more views, not why: what you posted then may have been different.
times-evidence = { $n ->
    [one] One post
   *[other] { $n } posts
} { $days } between { $from } and { $until } had a median of { $views } views after 24 hours; the { $others ->
    [one] other post
   *[other] { $others } other posts
} of this account { $otherViews }.
times-on-1 = on Mondays
times-on-2 = on Tuesdays
times-on-3 = on Wednesdays
times-on-4 = on Thursdays
times-on-5 = on Fridays
times-on-6 = on Saturdays
times-on-7 = on Sundays
times-add = Add slot: { $slot }
times-remove = Take out slot: { $slot }
times-is-slot = This is a slot of the account’s week.
times-near-slot = There is a slot close by: { $slot }.
times-week = The week of the account
flash-slot-added = Added. “Next free slot” offers this time from now on; planned posts stay where they are.
flash-slot-was-there = The slot was there already.
flash-slot-removed = The slot is out of the week again. Planned posts stay where they are.
flash-slot-was-gone = The slot was gone already.
error-no-such-slot = That is no time of a week.
error-no-such-slot-todo = Go back to the page of numbers and press one of its buttons.
error-too-many-slots = The week of this account has 168 slots, and that is as many as there can be.
error-too-many-slots-todo = Open the week and remove one first.
hours-title = After posting
hours-nothing = Of fewer than 3 posts there are readings close enough from their first two days; those of older posts are thinned out to one a day.
hours-span = hour { $from }–{ $until }
hours-few = too few posts
hours-most = Most: { $hour }, { $n }
hours-chart = Views gained in each of the 48 hours after posting, the median of posts; most of them, { $n }, in { $hour }
hours-end = 48 hours
hours-hour = After posting
hours-head-views = Views gained (median)
hours-how = { $n ->
    [one] From one post
   *[other] From { $n } posts
} since { $since }; for each hour those that were read close to its beginning and its end. An open space is an hour with fewer than 3 of them. Older posts are not in it: their readings are thinned out to one a day.

range-before = as many days before
range-year-before = the same weekdays a year before
range-nothing = nothing
range-against = Compare with
range-refused = These are no days that can be shown, so the last 28 are. Choose a first and a last day, not later than today and at most { $n } days.
analytics-compared-year = { $percent }% against the same { $n ->
    [one] weekday
   *[other] { $n } weekdays
} a year before
compare-title = What posts have in common
compare-lede = How posts with the same hashtag, length, kind or label did beside the others: views 24 hours after they went out.
compare-open = Compare hashtags, lengths, labels
compare-nothing = Nothing to compare in these days
compare-nothing-more = Posts are compared once their first 24 hours were read, and where they differ: by a hashtag that 3 of them have, by length, kind or label. Choose other days, or another account.
compare-posts = { $n ->
    [one] One post is compared.
   *[other] { $n } posts are compared.
}
compare-cut = There were more posts than are compared here: these are the newest { $n }. Choose fewer days for the others.
compare-how = Groups of fewer than { $n } posts are not compared. “Better” and “worse” are only said where each post, measured against its own account, stands so far from the others as chance would put any of the groups of its table in fewer than one case of twenty. If the account grew or shrank in these days, that is not taken out of the comparison. It tells what went together with more views, not why.
compare-by-kind = By kind
compare-by-length = By length of the video
compare-by-caption = By length of the caption
compare-by-hashtag = By hashtag
compare-by-label = By label
compare-video = Videos
compare-photos = Photos
compare-bare = No caption
compare-short = Up to { $n } characters
compare-long = Longer
compare-band-0 = Up to 15 seconds
compare-band-1 = Up to 30 seconds
compare-band-2 = Up to a minute
compare-band-3 = Up to 3 minutes
compare-band-4 = Longer than 3 minutes
compare-untagged = No hashtag
compare-unlabelled = No label
compare-what = Posts with
compare-median = Median views
compare-spread = Middle half
compare-verdict = Beside the others
compare-better = better
compare-worse = worse
compare-alike = no clear difference
compare-alone = too few others
compare-few = too few to compare
reliable-title = Publishing in these days
reliable-nothing = Nothing was planned and out in these days.
reliable-on-time = { $share } on time
reliable-more = { $onTime } of { $n } posts were out at most a minute after their time; 95 of 100 within: { $p95 }.
reliable-stopped = Failed: { $failed }. Wait for you: { $waiting }.
reliable-link = Punctuality in full

notes-title = Notes on days
notes-none = None in these days. Note what happened when the numbers changed: “Campaign began”.
notes-ahead = On days ahead
notes-other = an account that is no longer connected
notes-new = Add a note
notes-words = Note, up to { $n } characters
notes-add = Add note
notes-remove = Remove
notes-head = Notes
flash-note-added = The note stands on its day.
flash-note-removed = The note is removed.
error-annotation-words = A note has at least one and at most 140 characters.
error-annotation-words-todo = Write it shorter, or write something.
error-annotation-day = A note cannot stand on this day.
error-annotation-day-todo = Choose a day of the last two years or of the coming one.
error-too-many-annotations = 200 notes are kept already, and no more are.
error-too-many-annotations-todo = Remove one that is no longer needed.
