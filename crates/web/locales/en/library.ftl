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
flash-media-deleted = Deleted.
library-older = Older files
library-open = Unfinished uploads
library-open-more = Choose the same file again under Upload, and it goes on where it stopped.
library-open-until = kept, ends
library-give-up = Give up
flash-upload-given-up = Given up. What had arrived is deleted.
