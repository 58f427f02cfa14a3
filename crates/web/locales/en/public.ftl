# Landing, privacy, terms.

landing-title = Plan once. Pour on time.
landing-headline-1 = Plan once.
landing-headline-2 = Pour on time.
landing-description = Schedule TikTok videos across every account you run. Each goes out on time, exactly once, and your data stays yours.
landing-lead = Schedule your TikTok videos across every account you run. Each one goes out when you said, exactly once, and your data stays yours.
landing-continue = Continue with TikTok
landing-to-queue = Go to your queue
landing-why = We ask TikTok for three permissions and <a>say why</a>. For people who are 18 or older.
landing-shelf-label = An example of a day
landing-once-number = 1×
landing-once = Exactly once
landing-once-text = Crash, timeout, retry: a post never appears twice. If nobody can know, we ask you instead of guessing.
landing-time-number = <1 s
landing-time = On time
landing-time-text = The first call leaves within a second of the minute you picked. Summer time included.
landing-gone-number = { $days } d
landing-gone = Then it is gone
landing-gone-text = Files and history are deleted within { $days } days after you leave. TikTok tokens at once.
landing-binary-number = 1
landing-binary = One program
landing-binary-text = Use it here or run it on your own machine. One file, no other service needed.
landing-how = How it goes
landing-how-1 = Connect your TikTok account.
landing-how-1-text = You choose what to allow on TikTok's own page. We never see a password.
landing-how-2 = Drop your videos.
landing-how-2-text = Uploads survive a lost connection. We check length, size and format against TikTok's rules at once.
landing-how-3 = Decide and schedule.
landing-how-3-text = You choose who can watch, what viewers may do, and when. Nothing is sent before you press the button.
landing-how-4 = See it go out.
landing-how-4-text = Every step is on the post's timeline, with TikTok's answer, until TikTok says it is published.

legal-updated = Last updated: { $date }. Version { $version }.
legal-contact-missing = The operator of this server has not set a contact address yet.
region-de = Germany

offline-title = No connection
offline-what = This page comes from the server, and the server cannot be reached from here right now.
offline-goes-on = What is planned goes out all the same: the server publishes it, not this device. A file on its way goes on when the connection is back.
offline-again = Try again
share-title = The shared file did not arrive
share-what = This browser could not hand it over: there may be no room left for it, or the application was just updated. Choose the file on the page of a new post instead.
share-choose = Choose a file
share-waits = Shared from another application
share-take = Upload
share-drop = Throw away
share-words = begins the caption of the next post that has none.
