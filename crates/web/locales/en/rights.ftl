# Correcting one's data, and consents.

data-ways = What you can do about it
correct-title = Correct your data
correct-lede = What is wrong here you can put right yourself.
correct-name = How you are called here
correct-name-label = Your name
correct-name-hint = At most 50 characters. A name that you choose is not overwritten when you sign in again.
correct-name-tiktok = Take the name from TikTok
correct-accounts = What TikTok told us
correct-accounts-more = Name, handle and picture of an account are TikTok's. Change them there, then read them anew here.
correct-refresh = Read anew
correct-refresh-what = Read anew: { $what }
correct-history = What happened to your posts
correct-history-more = The history is a record and is not rewritten. If an entry is wrong in your eyes, write a note of up to { $max } characters beside it, on the page of the post.
correct-else = Anything else
correct-else-more = Captions of what is not out yet you change on the page of the post. If something else is wrong, tell us.
flash-name-changed = Your name is changed everywhere here.
flash-profile-refreshed = Read anew from TikTok.
error-name-unfit = This can't be a name: it is empty, longer than 50 characters, or holds invisible characters.
error-name-unfit-todo = Go back and write another one.
error-name-not-at-tiktok = The account that you sign in with is not connected here any more.
error-name-not-at-tiktok-todo = Connect it again, or choose a name yourself.
error-profile-refresh-often = TikTok was asked about this account a moment ago.
error-profile-refresh-often-todo = Wait a minute, then try again.

consents-title = Your consents
consents-lede = What you agreed to, for which purpose, since when. Each can be taken back as easily as it was given.
consents-connect = Acting for your TikTok accounts
consents-connect-more = Given on TikTok's own page, for the permissions below. Taken back by disconnecting: one press and one confirmation, and it stops at once.
consents-none = We may not act for any account of yours.
consents-since = Given
consents-words = Words
consents-adult = 18 or older, confirmed
consents-documents = Policy and terms
consents-documents-change = Change an answer
consents-optional = Anything optional
consents-optional-more = All of it is off until you switch it on, and ends with one press. There is no other optional purpose; no e-mail is sent, and how you use these pages is not measured.
consents-numbers-open = Numbers of posts and accounts
consents-messages-open = Messages to browsers
consents-browsers = { $n ->
    [0] Messages to browsers: off.
    [one] Messages to browsers: on in { $n } browser.
   *[other] Messages to browsers: on in { $n } browsers.
}
consents-purpose-metrics = Reading the numbers of posts: { $account }
consents-purpose-followers = Reading the number of followers: { $account }
consents-purpose-messages = Messages to a browser
consents-purpose-sharing = Letting whoever has a link read a report
consents-account-gone = an account that is not connected now
consents-ledger = Given and taken back
consents-ledger-more = Every change, newest first. Lines about an account go when the account is erased.
consents-given = given
consents-withdrawn = taken back
consents-version = words { $version }
consents-purpose-connect = Acting for { $account }
consents-purpose-connect-gone = Acting for an account that is not connected now
