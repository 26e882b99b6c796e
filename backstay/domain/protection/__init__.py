"""What stands at the broker for a position, whatever becomes of us.

- stops: the disaster stop for a fill, on the terms that its instrument and its hours need
- cover: whether what is filled is protected, and what to do next where it is not
- follow: when the stop at the broker is moved after the engine's own
- naked: how much has stood unprotected, and for how long
- audit: position against live stops, from the broker's data alone
"""
