# The post page and the page before it, where files and accounts are chosen.

compose-title = New post
compose-title-edit = Edit post
compose-lede = { $n ->
    [one] One account, one post, one consent.
   *[other] { $n } accounts, { $n } posts. Each gets its own choices and its own consent.
}
compose-accounts = Posts by account
compose-add-account = Add account
compose-reload = Load the latest
compose-stale = This post was changed in another tab.
compose-stale-do = Nothing you typed here was saved. Copy what you need, then load the latest.
compose-scheduled-edit = This post is scheduled.
compose-scheduled-edit-more = Any change needs your consent again: press Schedule when you are done, or Save draft to take it off the plan.
compose-posted-to-photos = These photos will be posted to
compose-posted-to = This video will be posted to
compose-can-post = Can post now
compose-length = { $length } of { $max } allowed
compose-tiktok-silent = TikTok answered: { $code }
compose-caption = Caption
compose-caption-hint = # and @ work as in TikTok.
compose-caption-too-long = The caption is too long. Shorten it.
compose-privacy-photos = Who can see these photos
compose-privacy = Who can watch this video
compose-privacy-choose = Choose who can watch
compose-privacy-unknown = TikTok hasn't told us who may watch yet. Reload the page in a minute.
compose-privacy-later = Who can watch is chosen once the account can post again.
compose-branded-private-local = Branded content can’t be private.
privacy-everyone = Everyone
privacy-friends = Friends
privacy-followers = Followers
privacy-only-you = Only you
compose-viewers-may = Viewers may
compose-comment = Comment
compose-duet = Duet
compose-stitch = Stitch
compose-turned-off = Turned off in this TikTok account
compose-disclosure = Disclose commercial content
compose-disclosure-note = Turn on if this post promotes you, a brand, a product or a service.
compose-your-brand = Your brand
compose-your-brand-note = You promote yourself or your own business.
compose-branded = Branded content
compose-branded-note = You promote another brand or a third party.
compose-ai = AI-generated
compose-ai-note = TikTok adds a label that viewers can see.
compose-photos = Photos
compose-photo-title = Title
compose-photo-description = Description
compose-photo-of = Picture { $n } of { $count }
compose-photo-earlier = Move picture { $n } one place earlier
compose-photo-later = Move picture { $n } one place later
compose-photo-remove = Take picture { $n } out of the post
compose-photo-add = Add pictures from the library
compose-photo-add-one = Add { $name }
compose-music = Let TikTok add music
compose-music-note = A recommended track. You can change it in the TikTok app.
compose-preview = Preview
compose-cover = Cover
compose-cover-own = The moment below
compose-out-before = The same content went out before.
compose-out-before-more = You can still post it again; this is only a reminder.
compose-cover-moment = Moment of the cover
compose-cover-hint = The video's own frame at this moment becomes the cover.
compose-nothing-sent = The file waits on our server. Nothing goes to TikTok until you press a button below.
compose-send = Consent and time
compose-declaration-music = By posting, you agree to TikTok's Music Usage Confirmation.
compose-declaration-branded = By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation.
compose-takes-minutes = After posting, TikTok may need a few minutes before the post shows on the profile. It cannot be edited or deleted from here.
compose-date = Date
compose-time = Time
compose-time-missing = Choose a date and a time, or press Post now.
compose-time-jumps = The clock jumps at that time. Look at what it means, then press Schedule again.
compose-gap = That time doesn't exist: the clock jumps over it.
compose-gap-more = The post would go out at { $moved }.
compose-crowded = { $n ->
    [one] Just before { $time } other posts of this account go out: this one can go out from { $from }.
   *[other] { $n } posts at { $time } on this account: this one can go out from { $from }.
}
compose-crowded-more = TikTok starts only six posts of an account in a minute. Choose another time if the minute matters.
compose-crowded-held = That is more than { $minutes } minutes late, so it would be held and you would be asked. Choose another time.
compose-sending = This file takes { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
} to send to TikTok: the post can go out from { $from }.
compose-sending-more = The upload speed of this server is limited. Choose a later time if the minute matters.
compose-cap-posts = This would be post number { $n } of this account within 24 hours.
compose-cap-posts-more = TikTok usually takes about { $typical }, all apps together. If it refuses this one, we hold it and ask you.
compose-cap-drafts = This would be draft number { $n } for this inbox within 24 hours.
compose-cap-drafts-more = TikTok lets { $most } unfinished drafts wait. Finish some in the TikTok app; if it refuses this one, we hold it and ask you.
compose-overlap = That time happens twice. Which one do you mean?
compose-overlap-first = The first, at { $offset }
compose-overlap-second = The second, at { $offset }
compose-save = Save draft
compose-saved = Saved
compose-schedule = Schedule
compose-now = Post now
compose-inbox = Send to TikTok inbox
compose-inbox-what-photos = The TikTok inbox takes the photos with title and description, without the other choices
compose-inbox-explained-photos = The photos go to TikTok as a draft. A notification appears in the TikTok app (31.8 or newer) on the phone; tap it and choose the options there. TikTok keeps title and description, drops the other choices made here, and at most 5 drafts may wait.
compose-inbox-what = The TikTok inbox takes the video alone, without caption and options
compose-inbox-explained = The video goes to TikTok as a draft. A notification appears in the TikTok app on the phone; tap it, write the caption and choose the options there. TikTok drops the caption and all options chosen here, and at most 5 drafts may wait.
compose-delete = Delete draft

compose-start-lede = Choose a video, or up to 35 photos, and the accounts they are for.
compose-drop = Drop videos or photos here, or choose them
compose-drop-hint = MP4, MOV or WebM, up to 4 GB, 23 to 60 frames per second. Photos: JPEG or WebP, up to 20 MB, the shorter side up to 1080 pixels. An upload goes on after a lost connection.
compose-upload = Upload
compose-uploading = Uploading
compose-pause = Pause
compose-resume = Go on
compose-remove = Remove
compose-upload-cut = Connection lost. We keep what arrived and go on from there.
compose-from-library = Already uploaded
compose-no-media = Nothing uploaded yet.
compose-which-accounts = For which accounts
compose-start = Continue
compose-no-account = Connect a TikTok account first.
compose-connect = Connect an account
compose-choose-media = Choose a video or photos first.
compose-one-kind = Choose one video, or photos only.
compose-photos-hint = Up to 35 in one post, in the order in which you chose them
compose-photos-unreachable = This server cannot post photos: TikTok fetches them itself, and the server has no public https address for that. The operator can set one up.
compose-too-many-photos = TikTok takes at most 35 photos in one post. Untick some.
compose-choose-account = Tick at least one account.
compose-next-slot = Next free slot: { $at }
