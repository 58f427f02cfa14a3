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
