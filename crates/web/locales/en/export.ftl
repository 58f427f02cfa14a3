# Taking everything along: asking for a file, how far it is, and fetching it.

export-title = Take it with you
export-lede = One file with everything we hold about you and your workspace, which other programs can read. It is ready within minutes.
export-with-files = With my videos and pictures
export-with-files-note = { $n ->
    [0] There are none at the moment.
    [one] { $n } file, { $size }
   *[other] { $n } files, { $size }
}
export-ask = Make the file
export-again = Make a new file
export-waiting = Your file is about to be made.
export-building = Your file is being made: { $done } of { $total }
export-look = Look again
export-leave-page = You may leave this page; the file waits for you here.
export-ready = Your file is ready.
export-made = Made
export-size = Size
export-contents = With files
export-contents-yes = yes
export-contents-no = no
export-link-until = The button works until
export-gone = The file is deleted
export-hash = SHA-256
export-fetch = Download
export-keep = Keep it to yourself: whoever has this file reads your posts and plans and sees from where you signed in.
export-next = The next file can be made later ({ $at }): one a day.
export-failed = Your file could not be made.
export-failed-disk = There is too little room on the server just now. Try again later; the operator sees it, too.
export-failed-trouble = Something went wrong on our side. Try again; if it fails again, write to us.
export-format = What is in the file

held-exports = Files to take along
data-why-exports = To give you your data in a form that other programs read.
data-from-exports = you
data-to-exports = nobody
data-class-exports = Files with your data that you asked for

error-export-underway = Your file is being made already.
error-export-underway-todo = Open "Your data": it shows how far it is.
error-export-too-soon = One file can be made in 24 hours, and the last one is younger.
error-export-too-soon-todo = Open "Your data": it says from when on the next can be made. The last one is still there.
