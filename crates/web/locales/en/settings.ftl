# Settings.

settings-preferences = How it looks and reads
settings-zone = Time zone
settings-zone-now = Times are typed and shown in { $zone }. Posts that are planned keep their moment.
settings-sessions = Where you are signed in
settings-sessions-more = End what you don't recognise; it stops at once.
settings-this-one = this one
settings-opened = signed in
settings-seen = last used
settings-end = End
flash-settings-saved = Saved.
flash-session-ended = That session is over.

# Messages to browsers.
settings-push = Messages while you are away
settings-push-more = This browser can tell you what happened, also while these pages are closed. It is asked for permission when you press, and not before.
settings-push-of = Tell me when
settings-push-published = a post went out
settings-push-needs-you = something needs you
settings-push-needs-you-more = A post did not go out, waits for your decision or as a draft in TikTok's inbox, or an account has to be connected again.
settings-push-both = posts that went out, and whatever needs you
settings-push-begin = Tell this browser
settings-push-others = Who else learns of it:
settings-push-others-more = The maker of your browser (Google, Mozilla, Microsoft or Apple) carries each message. It is sealed for this browser, so they cannot read it; they learn that this server tells you something, when, whether it is urgent, and which message takes the place of an earlier one. A message says only that something happened: no caption, no name, no account. For it we keep the address that your browser gives us, sealed under your own key, until you end it here or sign out, and then delete it at once; when your session ends by itself, within minutes. Pressing the button is your consent to exactly this.
settings-push-policy = Privacy policy
settings-push-denied = The browser does not allow messages from here. Allow notifications for this address in the browser's own settings, then press again.
settings-push-trouble = The browser could not reach its push service. Try again in a moment; a private window cannot take messages at all.
settings-push-missing = This browser cannot take messages. On an iPhone or iPad, put this page on the home screen first and open it from there.
settings-push-noscript = Without JavaScript this browser cannot begin to take messages; what it is told can still be changed, and ended.
settings-push-browsers = Browsers that are told
settings-push-since = since
settings-push-end-what = End messages to { $what }
flash-push-begun = This browser is told from now on.
flash-push-ended = That browser is told nothing more.
error-push-off = Messages to browsers are switched off here.
error-push-off-todo = Whoever runs this server can switch them on.
error-push-nothing = Nothing was chosen.
error-push-nothing-todo = Tick what you want to be told, or end the messages to this browser below.
error-push-service = This browser's push service is not known here.
error-push-service-todo = Use another browser, or ask whoever runs this server to allow it.
error-push-no-address = The browser gave no address for messages.
error-push-no-address-todo = Messages are begun by a script of this page. Allow JavaScript here, load the page again, and press once more.
error-push-keys = The browser gave keys that are none.
error-push-keys-todo = Load the page again and press once more.

# What a browser shows. Others may read it on a lock screen.
push-published = A post went out
push-published-more = Press to see it.
push-in-inbox = A draft waits in TikTok
push-in-inbox-more = Finish it in TikTok's inbox.
push-failed = A post did not go out
push-failed-more = Press to see why, and what to do.
push-waits = A post waits for you
push-waits-more = It needs a decision of yours.
push-reconnect = An account has to be connected again
push-reconnect-more = Until then nothing goes out from it.
push-report = Your weekly report is there
push-report-more = How the week went, and what comes next.
