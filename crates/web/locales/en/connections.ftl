# Connected accounts.

connections-lede = The TikTok accounts your posts go to.
connections-add = Add account
connections-empty = No account yet
connections-empty-more = Connect a TikTok account, and posts can go out.
connections-active = Works.
connections-reconnect-needed = Must be connected again.
connections-disconnected = Disconnected. Its access is destroyed.
connections-waiting = { $n ->
    [one] { $n } post waits for it.
   *[other] { $n } posts wait for it.
}
scope-basic-granted = We see name and picture
scope-publish-granted = We may post videos you schedule
scope-publish-missing = Posting was not allowed: only inbox drafts work
scope-upload-granted = We may send drafts to the TikTok inbox
scope-upload-missing = Inbox drafts were not allowed
connections-since = Connected
connections-access = Access renewed by itself before
connections-grant = Permission ends
disconnect-title = Disconnect “{ $name }”?
disconnect-text = Our access to the account and its picture are destroyed at once, and TikTok is told. Posts that wait for it are put aside. Its posts, history and the files only they use are erased from { $at }, at the latest by { $deadline }; connect it again before and they stay.
