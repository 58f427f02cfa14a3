# The library.

library-lede = Your files, measured, and what TikTok would say to each.
library-add = Upload
library-room = { $used } of { $quota } used
library-empty = Nothing here yet
library-empty-more = Files you upload appear here with everything we measured.
library-size = Size
library-picture = Picture
library-fps = Frames per second
library-format = Format
library-uploaded = Uploaded
library-used = Used in
flash-media-deleted = Deleted. The receipt is under "Your data", Receipts.
library-room-videos = videos { $size }
library-room-photos = photos { $size }
library-room-other = other { $size }
library-search = Search names and tags
library-any = Any
library-kind = Kind
library-kind-video = Videos
library-kind-photo = Photos
library-fits = For TikTok
library-fits-yes = Fits
library-fits-fixable = Can be made to fit
library-fits-no = Does not fit
library-use = In posts
library-used-yes = Used
library-used-no = Not used
library-tag = Tag
library-tags = Tags
library-tags-hint = Words of your own, separated by commas.
library-tags-save = Save tags
library-tags-change = Change tags
library-tags-add-label = Tags to add
library-tags-add = Add tags
flash-library-tagged = The tags are added.
flash-library-tags-saved = Tags saved.
library-sort = Order
library-sort-newest = Newest first
library-sort-largest = Largest first
library-sort-soonest = Deleted soonest first
library-show = Show
library-show-all = Show everything
library-cut = You have more files than are searched: this looks through the newest { $n } of them.
library-none = No file is like that
library-none-more = Use fewer words or fewer filters.
library-more = More files
library-pick = Choose
library-chosen = With the chosen files:
library-compose = New post
library-delete-chosen = Delete …
library-too-long-for = Too long for { $name } (at most { $longest })
library-fits-account = Fits { $name }
library-made-from = Made from
library-same = Same content as
library-goes = Its posts are out. The file is deleted by itself, at the earliest
library-held = Its posts are out, but the law obliges us to keep the file for now. It is deleted by itself, at the earliest
library-stays = Stays until you delete it, or until some time after all its posts are out.
library-account-gone = an account that is not connected any more
library-unused = No post uses it.
library-delete-title = Delete files
library-delete-going = { $n ->
    [one] { $n } file, { $size }, will be deleted
   *[other] { $n } files, { $size }, will be deleted
}
library-delete-final = This cannot be undone. The files leave the disk at once, and backups within { $days } days.
library-delete-now = { $n ->
    [one] Delete { $n } file
   *[other] Delete { $n } files
}
library-delete-kept = { $n ->
    [one] { $n } file stays
   *[other] { $n } files stay
}
library-delete-kept-why = Posts need them. Delete the drafts first, or let the posts go out: their files are deleted by themselves after a while.
library-back = Back to the library
library-receipt = Receipt
library-receipt-what = { $n ->
    [one] { $n } file deleted, { $size }
   *[other] { $n } files deleted, { $size }
}
library-receipt-files = Files
library-receipt-bytes = Bytes
library-receipt-disk = Deleted
library-receipt-backups = Gone from backups by
library-receipt-keep = This receipt is kept until { $at }; you find it again under "Your data", Receipts.
flash-library-none-chosen = Choose files first.
library-open = Unfinished uploads
library-open-more = Choose the same file again under Upload, and it goes on where it stopped.
library-open-until = kept, ends
library-give-up = Give up
flash-upload-given-up = Given up. What had arrived is deleted.
library-does-not-fit = Does not fit:
fit-ask = Make it fit
fit-cut = Cut a part out
fit-part = Only a part of it
fit-from = From
fit-until = Until
fit-part-hint = Minutes and seconds, like 1:15. Leave both empty for the whole video.
fit-what-video = Makes an MP4 (H.264) that TikTok takes, as a new file. Places and devices named in the file are left out. This one stays.
fit-what-photo = Makes a JPEG that TikTok takes, as a new file. Places and devices named in the file are left out. This one stays.
fit-unavailable = This server cannot convert files. Convert it on your device and upload it again.
fit-waiting = Waits for its turn.
fit-working = Being made to fit …
fit-working-left = Being made to fit: { $percent } %, about { $left } left
fit-cancel = Stop
fit-look = Look again
fit-ready = It fits now, as a new file.
fit-use = Use it in a post
fit-show = Show it
fit-see = See how far it is
fit-why = See why
fit-failed = It could not be made to fit.
fit-failed-no-converter = The program that converts files cannot be started on this server. Tell the operator.
fit-failed-too-slow = It took longer than this server allows. Try a shorter part.
fit-failed-unreadable = The converter could not read the file. Convert it on your device and upload it again.
fit-failed-disk-full = The server has no room left. Try again later.
fit-failed-no-quota = What came out needs more room than your library has left. Delete something and try again.
fit-failed-source-gone = The file itself was deleted.
fit-failed-still-not-fit = What came out would not be taken by TikTok either. Convert it on your device and upload it again.
fit-failed-trouble = Something went wrong on this server. Try again; if it happens again, tell the operator.
flash-fit-asked = It is being made to fit. You can leave this page.
flash-fit-cancelled = Stopped.
error-too-many-tags = A file has at most 20 tags.
error-too-many-tags-todo = Remove some and save again.
error-tag-too-long = A tag has at most 40 characters.
error-tag-too-long-todo = Go back and shorten it; separate tags by commas.
error-no-tags = No tag was typed.
error-no-tags-todo = Go back and type at least one.
