# Leaving, and receipts of erasures.

leave-heading = Leave and delete everything
leave-more = Disconnects every account, and erases your posts, files, history and your profile here.
leave-verb = Delete everything
leave-title = Delete everything?
leave-text = This ends your time here. What happens, and when:
leave-at-once = At once: access to every TikTok account is destroyed and TikTok is told; planned posts are put aside; other browsers are signed out.
leave-then = From { $at }: posts, captions, files, history and your profile are erased, at the latest by { $deadline }. Until then you can change your mind.
leave-tiktok = What is on TikTok stays there; delete it in TikTok if you want to.
leave-running = You asked us to delete everything. It begins { $at }; until then you can take it back.
leave-undo = I've changed my mind
flash-staying = You stay. Connect your accounts again: what isn't connected is still erased on its own date.
error-leaving-already = You asked for this already. The page with your receipt tells how far it is.
error-leaving-has-begun = It can't be taken back any more: erasing has begun, or there was nothing to take back.

receipt-title-connection = Receipt: an account is being erased
receipt-title-person = Receipt: everything is being erased
receipt-waiting-connection = The account is disconnected. Erasing what belongs to it begins { $at }. Connect it again before that and everything stays.
receipt-waiting-person = Everything of yours will be erased, beginning { $at }. Until then you can change your mind.
receipt-running = It is being erased right now and can't be taken back.
receipt-held = The law obliges us to keep it until { $at }. After that it is erased at once.
receipt-done = Everything is erased.
receipt-undone = This was taken back, or a newer receipt took its place.
receipt-tiktok-confirmed = confirmed that our access is over.
receipt-tiktok-pending = did not answer yet. We destroyed our keys and ask again for a day with the last access token alone. To be sure, remove MOLOKO.VIDEO in TikTok's settings.
receipt-tiktok-unconfirmed = did not confirm. We destroyed our keys; please remove MOLOKO.VIDEO in TikTok's settings, too.
receipt-tiktok-unneeded = there was no access any more.
receipt-asked = Asked
receipt-begins = Begins
receipt-deadline = At the latest
receipt-ended = Ended
receipt-what = What goes
receipt-class-tokens = Access tokens and their key
receipt-class-profile = TikTok profile: name, handle, picture
receipt-class-posts = Posts with captions, plans and records of consent
receipt-class-attempts = How they were published
receipt-class-files = Files with thumbnails
receipt-class-sessions = Signed-in browsers
receipt-gone-already = gone already
receipt-gone = { $n ->
    [0] none left
    [one] { $n } erased
   *[other] { $n } erased
}
receipt-goes = goes
receipt-stays = stays
receipt-remains = What remains: counts without names, and a keyed hash that only serves to erase this again if an old backup is ever put back.
receipt-keep = Keep this address: it works for 30 days, without signing in.
receipt-download = Download receipt
receipt-reconnect = Connect it again
connections-erased-at = Its posts, files and history are erased from { $at }. Connect it again before that and they stay.
error-hold-reason = A hold needs a reason of at most 200 characters.
error-hold-days = A hold lasts 1 to 366 days; it can be placed again.
