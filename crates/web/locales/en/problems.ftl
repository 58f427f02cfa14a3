### What can be wrong with a post, a file or a connection.
### failure-*: what happened, -why: why, -do: what to do. TikTok's own code and log id are shown next to it.

## Post rules

problem-reconnect-needed = TikTok no longer accepts our access to this account. Connect it again, then schedule.

problem-disconnected = This account is disconnected. Connect it again or choose another one.

problem-scope-missing-publish = You didn't allow posting for this account. Connect it again with "post videos" on, or send the post to the TikTok inbox.

problem-scope-missing-upload = You didn't allow drafts for this account. Connect it again with "upload videos" on, or post directly.

problem-creator-unknown = TikTok didn't tell us what this account may do right now. Reload the page in a minute.

problem-creator-too-many-posts = TikTok takes no more posts from this account today. Try again later, or post in the TikTok app.

problem-creator-banned = TikTok doesn't let this account post. Open TikTok and look at the account's status.

problem-app-quota = TikTok's daily quota of accounts for this service is used up. Try again in some hours.

problem-creator-blocked = TikTok doesn't let this account post now ({ $tiktok }). Try again later.

problem-daily-cap-near = { $sent ->
    [one] { $sent } post went out in the last 24 hours. TikTok usually stops at { $typical }, all apps together.
   *[other] { $sent } posts went out in the last 24 hours. TikTok usually stops at { $typical }, all apps together.
}

problem-media-needs-conversion = TikTok wouldn't take this file as it is. Make it fit in the library, or upload another one, then schedule.

problem-media-rejected = TikTok wouldn't take this file. Choose another one.

problem-video-too-long = The limit for this account is { $max }, your video is { $duration }. Trim it and upload it again.

problem-caption-too-long = The caption is { $over ->
    [one] { $over } character
   *[other] { $over } characters
} too long: { $used } of { $max }. Shorten it.

problem-caption-control-character = The caption holds an invisible control character ({ $character }). Delete it or type the caption anew.

problem-privacy-missing = Choose who can watch this post.

problem-privacy-not-offered = TikTok no longer offers this audience for the account. Choose another one.

problem-branded-private = Branded content can't be private. Choose who can watch, or untick "Branded content".

problem-branded-followers = Branded content can't be for followers only. Choose "Everyone" or "Friends", or untick "Branded content".

problem-comment-turned-off = Comments are turned off in this account's TikTok settings. Untick "Comment".

problem-duet-turned-off = Duets are turned off in this account's TikTok settings. Untick "Duet".

problem-stitch-turned-off = Stitches are turned off in this account's TikTok settings. Untick "Stitch".

problem-disclosure-empty = Tick "Your brand", "Branded content" or both, or turn the disclosure off.

problem-disclosure-switch-off = A commercial box is ticked while the disclosure is off. Turn it on or untick the box.

problem-cover-outside-video = The cover is at { $cover }, the video ends at { $duration }. Choose a moment inside the video.

problem-time-in-past = This time has passed. Choose a later one, or post now.

problem-gap-too-small = { $minutes ->
    [one] Another post of this account stands at { $other }, less than the minute apart that you want between them. Choose another time, or change the gap.
   *[other] Another post of this account stands at { $other }, less than the { $minutes } minutes apart that you want between them. Choose another time, or change the gap.
}
problem-time-too-far = { $days ->
    [one] We plan at most { $days } day ahead, as long as TikTok's access lasts. Choose an earlier time.
   *[other] We plan at most { $days } days ahead, as long as TikTok's access lasts. Choose an earlier time.
}

problem-inbox-drops-options = TikTok keeps title and description of photos sent to the inbox and drops the other choices. You will set them in the TikTok app.

problem-photo-rejected = TikTok wouldn't take picture { $place } ({ $name }), and one bad picture stops the whole post. Remove it, or save it as a JPEG with a shorter side of at most 1080 pixels and upload it again.

problem-upload-limit = At the upload speed of this server, which is limited, the file would be on its way for { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}; TikTok does not wait for more than { $most }. Make the file smaller, or ask the operator to raise the limit.

problem-photos-unreachable = TikTok fetches photos from this server, and it has no public https address for that. Post a video, or ask the operator to set the address up.

problem-photo-title-too-long = The title is { $over ->
    [one] { $over } character
   *[other] { $over } characters
} too long: { $used } of { $max }. Shorten it.

problem-photo-title-control-character = The title holds an invisible control character ({ $character }). Delete it or type the title anew.

problem-inbox-drops-details = TikTok drops the caption and all options of videos sent to the inbox. You will set them in the TikTok app.

## The label TikTok puts on commercial posts, and why a box cannot be ticked

label-prompt-promotional-content = The video will carry the label "Promotional content".

label-prompt-paid-partnership = The video will carry the label "Paid partnership".

branded-disabled-only-you = Branded content can't be private. Choose a wider audience first.

branded-disabled-followers = Not available for followers only. Choose "Everyone" or "Friends" first.

branded-disabled-nothing-public = TikTok offers this account no public audience now, so branded content can't be posted.

## Files

media-outcome-accept = TikTok should take it

media-outcome-fixable = Needs converting first

media-outcome-reject = TikTok wouldn't take it

media-rule-readable = We couldn't read the file as a video or a picture. TikTok takes { $allowed }.

media-rule-container = The file is { $measured }; TikTok takes { $allowed }.

media-rule-video-codec = The video is coded in { $measured }; TikTok takes { $allowed }.

media-rule-size = The file has { $measured } MB; TikTok takes up to { $allowed } MB.

media-rule-duration = The video lasts { $measured }; most accounts may post up to { $allowed }. The account's own limit decides.

media-rule-frame-rate = The frame rate is { $measured }; TikTok takes { $allowed } frames per second.

media-rule-picture-side = The picture has { $measured } pixels; TikTok takes { $allowed } on each side.

media-rule-photo-format = The picture is { $measured }; TikTok takes { $allowed }. Save it as JPEG and upload it again.

media-rule-photo-size = The picture has { $measured } MB; TikTok takes up to { $allowed } MB. Save it smaller and upload it again.

media-rule-photo-side = The picture has { $measured } pixels; TikTok takes up to { $allowed } on the shorter side. Make it smaller and upload it again.

probe-not-a-video = This is no MP4, MOV, WebM or Matroska file and no picture. Choose a video, JPEG or WebP.

probe-other-picture = TikTok takes JPEG and WebP pictures only. Save it as JPEG and upload it again.

probe-truncated = The file is cut off. Export or copy it again, then upload it.

probe-damaged = The file is damaged. Export it again, then upload it.

probe-no-video-track = There is no picture in this file. Choose a video.

probe-too-complex = The file's headers are larger than we read. Export it again with an ordinary tool.

probe-timed-out = Reading the file took too long. Upload it again; if it stays so, export it anew.

probe-storage = We couldn't read the file from our storage. Try again in a minute.

thumbnail-unavailable = No thumbnails: ffmpeg is not installed on this server. Everything else works.

## Uploads

upload-empty = The file is empty. Choose another one.

upload-too-large = The file is larger than 4 GB, and TikTok takes no more. Make it smaller and try again.

upload-name = We couldn't use the file's name. Rename the file and try again.

upload-quota = There is no room left for this file. Delete media you no longer need.

upload-too-many = Too many unfinished uploads. Finish or cancel one first.

upload-disk-full = This server has no room for the file now. Try again later; the operator sees it too.

upload-locked = This upload is going on in another window. Close it there or wait a moment.

upload-expired = This upload was given up after a day without a byte. Start it again.

upload-offset = The upload went on from the wrong place. Resume it; nothing that arrived is lost.

upload-not-found = We don't know this upload. Start it again.

upload-cut = Connection lost. We kept { $kept } of { $total } MB and will go on from there.

media-in-use = A post still needs this file. Delete or change the post first.

media-held = The law obliges us to keep this file for now. It can be deleted when that duty ends; write to us if you want to know more.

upload-too-long = More bytes arrived than the file was said to have. Start the upload again.

## What TikTok answered

failure-unknown = TikTok refused.
failure-unknown-why = The reason is new to us; TikTok's own word stands below.
failure-unknown-do = Look at the post in TikTok, then try again. If it stays so, send us the code and log id.

failure-access-removed = The post was stopped.
failure-access-removed-why = Access to the account was withdrawn while TikTok was working on it.
failure-access-removed-do = Connect the account again and schedule the post anew.

failure-app-quota = The post has to wait.
failure-app-quota-why = TikTok limits how many accounts may post through this service in a day, and that number is reached.
failure-app-quota-do = Try again in some hours, or post in the TikTok app.

failure-app-version = TikTok didn't take the draft.
failure-app-version-why = The TikTok app on the phone is too old for it.
failure-app-version-do = Update TikTok to 31.8 or newer and send it again.

failure-banned = TikTok didn't take the post.
failure-banned-why = TikTok has blocked this account from posting.
failure-banned-do = Open TikTok and look at the account's status. We won't repeat it on our own.

failure-cancelled = The post was cancelled.
failure-cancelled-why = It was withdrawn before it was out.
failure-cancelled-do = Schedule it again if you still want it.

failure-duration = TikTok didn't take the video.
failure-duration-why = It is longer or shorter than TikTok accepts for this account.
failure-duration-do = Trim it, upload it again and schedule.

failure-file-format = TikTok didn't take the file.
failure-file-format-why = It couldn't use the file's format.
failure-file-format-do = Export a video as MP4 with H.264, a picture as JPEG, upload it again and schedule.

failure-foreign-publish-id = We couldn't learn what became of the post.
failure-foreign-publish-id-why = TikTok says that the post belongs to another account.
failure-foreign-publish-id-do = Check in TikTok whether it is out. The operator has to look at the connection.

failure-frame-rate = TikTok didn't take the video.
failure-frame-rate-why = Its frame rate is outside 23 to 60 frames per second.
failure-frame-rate-do = Export it with 30 frames per second, upload it again and schedule.

failure-invalid-file-upload = TikTok didn't take the upload.
failure-invalid-file-upload-why = The file did not arrive the way TikTok expects.
failure-invalid-file-upload-do = Try again. If it stays so, the operator has to look at it.

failure-invalid-params = TikTok didn't understand our request.
failure-invalid-params-why = Something in the post or in our request isn't allowed; TikTok doesn't say which part.
failure-invalid-params-do = Check caption and options and try again. If it stays so, send us the log id.

failure-invalid-publish-id = We couldn't learn what became of the post.
failure-invalid-publish-id-why = TikTok no longer knows the number under which we sent it.
failure-invalid-publish-id-do = Look in TikTok whether it is out, then tell us here.

failure-not-cancellable = It was too late to cancel.
failure-not-cancellable-why = TikTok was already publishing the post.
failure-not-cancellable-do = If you don't want it, delete it in the TikTok app.

failure-oauth-challenge = TikTok stopped before asking you.
failure-oauth-challenge-why = This service's sign-in settings don't fit its TikTok app.
failure-oauth-challenge-do = Tell the operator: the app wants a code challenge (PKCE).

failure-oauth-client = TikTok doesn't know this service.
failure-oauth-client-why = The service's key or secret is wrong.
failure-oauth-client-do = Your account is fine. The operator has to repair the keys; then try again.

failure-oauth-denied = The account is not connected.
failure-oauth-denied-why = Access was declined on TikTok's page.
failure-oauth-denied-do = Start again if that was a mistake.

failure-oauth-grant = TikTok no longer accepts our access.
failure-oauth-grant-why = It has run out, was withdrawn, or was already used.
failure-oauth-grant-do = Connect the account again. Scheduled posts wait for you.

failure-oauth-not-target = This TikTok account can't be connected here.
failure-oauth-not-target-why = The service runs in TikTok's sandbox, and the account signed in in your browser is not on its list.
failure-oauth-not-target-do = Use a private window and sign in with a listed account, or ask the operator to add yours.

failure-oauth-redirect = TikTok stopped before asking you.
failure-oauth-redirect-why = The address TikTok should send you back to isn't registered for this service.
failure-oauth-redirect-do = Tell the operator to register it, character for character.

failure-oauth-request = TikTok didn't understand our sign-in request.
failure-oauth-request-why = Something in this service's settings isn't as TikTok expects.
failure-oauth-request-do = Start again. If it stays so, send the operator the log id.

failure-oauth-scope = TikTok refused the permissions we asked for.
failure-oauth-scope-why = They are not enabled for this service's TikTok app.
failure-oauth-scope-do = The operator has to enable them in TikTok's developer portal.

failure-oauth-server = TikTok couldn't finish the sign-in.
failure-oauth-server-why = Its server had a problem.
failure-oauth-server-do = Try again in a few minutes.

failure-oauth-unauthorized = TikTok doesn't let this service sign people in.
failure-oauth-unauthorized-why = The app is still in draft or review, or a sandbox key is used for a real account.
failure-oauth-unauthorized-do = The operator has to check the app's state and keys.

failure-picture-size = TikTok didn't take the file.
failure-picture-size-why = A video's picture has 360 to 4096 pixels on each side, a photo at most 1080 on the shorter one.
failure-picture-size-do = Export it in 1080 × 1920, upload it again and schedule.

failure-policy-unanswered = The post is waiting for you.
failure-policy-unanswered-why = The policy or the terms changed, and you have not agreed to them yet.
failure-policy-unanswered-do = Read what changed, answer, and post it then.

failure-privacy-mismatch = TikTok didn't take the post.
failure-privacy-mismatch-why = The chosen audience is no longer offered for this account.
failure-privacy-mismatch-do = Choose who can watch once more and schedule again. We never widen it ourselves.

failure-pull-failed = TikTok couldn't fetch the file.
failure-pull-failed-why = It didn't reach our server, or the transfer broke off. Nothing was published.
failure-pull-failed-do = Schedule it again. If it stays so, the operator has to check that the public address can be reached from outside.

failure-rate-limit = The post waits a minute.
failure-rate-limit-why = TikTok takes only a few requests per minute from one account.
failure-rate-limit-do = Nothing to do: we go on by ourselves.

failure-scope-missing = TikTok didn't let us do it.
failure-scope-missing-why = The permission for it wasn't granted, or was taken back.
failure-scope-missing-do = Connect the account again and leave that permission on.

failure-spam-risk = TikTok didn't take the post.
failure-spam-risk-why = It judged the post to be risky and doesn't say why.
failure-spam-risk-do = Look at video and caption against TikTok's community rules. We won't repeat it on our own.

failure-spam-risk-text = TikTok didn't take the post.
failure-spam-risk-text-why = It judged the caption to be risky.
failure-spam-risk-text-do = Change the caption and schedule again. We won't repeat it on our own.

failure-tiktok-internal = TikTok had an error of its own.
failure-tiktok-internal-why = The post isn't to blame.
failure-tiktok-internal-do = We try once more by ourselves. If that fails too, schedule it again later.

failure-token-invalid = TikTok no longer accepted our access.
failure-token-invalid-why = It ran out or was withdrawn.
failure-token-invalid-do = We renew it by ourselves. If that fails, we ask you to connect the account again.

failure-too-many-drafts = TikTok didn't take the draft.
failure-too-many-drafts-why = Five drafts from apps already wait in this account's inbox.
failure-too-many-drafts-do = Finish or delete some in the TikTok app, then send it again.

failure-too-many-posts = The glass is full.
failure-too-many-posts-why = TikTok takes only so many posts from one account in 24 hours, all apps together.
failure-too-many-posts-do = Choose a later time, or post in the TikTok app.

failure-unaudited = TikTok didn't take the post.
failure-unaudited-why = TikTok hasn't audited this service yet, so only private accounts may receive posts, visible to you alone.
failure-unaudited-do = Make the account private in TikTok and choose "Only you", or send the video to the inbox.

failure-url-unverified = TikTok didn't fetch the file.
failure-url-unverified-why = This server's address isn't verified for the service. Nothing was published.
failure-url-unverified-do = The operator has to verify the address ending in /pull/ in TikTok's developer portal; then schedule it again.

## What stopped a post here

failure-branded-audience = The post is waiting for you.
failure-branded-audience-why = Branded content can't be private or for followers only.
failure-branded-audience-do = Choose who can watch once more and schedule again.

failure-consent-missing = The post is waiting for you.
failure-consent-missing-why = Something in it changed after you agreed to it, so we didn't send it.
failure-consent-missing-do = Look at it once more and schedule again.

failure-creator-blocked = TikTok doesn't let this account post now.
failure-creator-blocked-why = It gave a reason that is new to us.
failure-creator-blocked-do = Look at the account in TikTok and schedule again later.

failure-creator-unknown = The post is waiting for you.
failure-creator-unknown-why = TikTok didn't tell us what this account may do, and without that we don't post.
failure-creator-unknown-do = Open the post and schedule it again.

failure-disconnected = The post was stopped.
failure-disconnected-why = The account was disconnected.
failure-disconnected-do = Connect it again and schedule the post anew.

failure-engine-failed = We stopped the post before the last byte.
failure-engine-failed-why = Our own program failed on it several times; nothing of it is on TikTok.
failure-engine-failed-do = Try it once more. If that fails too, the operator finds the reason in the log.

failure-held-after-restore = We hold this post back.
failure-held-after-restore-why = The service went on from an older copy of its data, so the post may be on TikTok already, or you may have changed or cancelled it since.
failure-held-after-restore-do = Please look at TikTok. Then post it now, choose a new time, or say that it is there.

failure-held-overdue = We hold this post back.
failure-held-overdue-why = Its time passed while the service was off, and too much had piled up to let it all out at once.
failure-held-overdue-do = Post it now, choose a new time, or say that it is on TikTok already.

failure-media-changed = We stopped the post before the last byte.
failure-media-changed-why = The stored file is no longer the one you agreed to.
failure-media-changed-do = Upload the file again and schedule. The operator has to look at the storage.

failure-media-rejected = The post was stopped.
failure-media-rejected-why = TikTok wouldn't take this file.
failure-media-rejected-do = Choose another file and schedule again.

failure-no-reason = TikTok didn't take the post.
failure-no-reason-why = It gave no reason.
failure-no-reason-do = Look in TikTok, then schedule again. If it stays so, send us the log id.

failure-outcome-disconnected = We can't know whether it went out.
failure-outcome-disconnected-why = The account was disconnected while TikTok was working on the post, so we may no longer ask.
failure-outcome-disconnected-do = Please look in TikTok and tell us here. We won't repeat it on our own.

failure-outcome-unknown = We can't know whether it went out.
failure-outcome-unknown-why = All bytes may have arrived, but TikTok no longer tells us what became of the post.
failure-outcome-unknown-do = Please look in TikTok and tell us here. We won't repeat it on our own.

failure-outcome-unresolved = We can't know whether it went out.
failure-outcome-unresolved-why = TikTok has been processing the post for far longer than usual and gives no result.
failure-outcome-unresolved-do = Please look in TikTok and tell us here. We won't repeat it on our own.

failure-photos-unreachable = The post is waiting for you.
failure-photos-unreachable-why = TikTok fetches photos from this server, and it has no public https address for that.
failure-photos-unreachable-do = The operator has to set the address up; then schedule it again.

failure-reconnect = The post is waiting for you.
failure-reconnect-why = TikTok no longer accepts our access to this account.
failure-reconnect-do = Connect the account again; then schedule the post.

failure-too-late = We didn't send the post.
failure-too-late-why = Its time passed while the service or TikTok couldn't be reached, and late posts are yours to decide.
failure-too-late-do = Post it now or choose a new time.

failure-too-long = The post is waiting for you.
failure-too-long-why = The account's limit is now shorter than this video.
failure-too-long-do = Trim it, upload it again and schedule.

failure-too-slow = The video didn't reach TikTok.
failure-too-slow-why = The server's connection is too slow for the hour TikTok gives.
failure-too-slow-do = Use a smaller file. The operator has to look at the connection.

failure-upload-expired = The video didn't reach TikTok.
failure-upload-expired-why = The hour TikTok gives for an upload ran out, more than once.
failure-upload-expired-do = Schedule it again. If it stays so, the operator has to look at the connection.

failure-upload-failed = The video didn't reach TikTok.
failure-upload-failed-why = TikTok refused the upload or broke it off too often. Nothing was published.
failure-upload-failed-do = Schedule it again. If it stays so, send us the log id.

failure-taken-in = This post stands still.
failure-taken-in-why = It was being published elsewhere when it was brought here, so it may be out already.
failure-taken-in-do = Look in TikTok first. If it isn't there, schedule it anew.
