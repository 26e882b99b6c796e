"""The book of an account on disk, shared by all processes that trade in it.

- state: what is kept of an account and of each of its trades, as values
- admitting, reporting, settling, killing: the pure rules by which the state changes
- file: one SQLite file, in which every change is one transaction, and who may make it
- store: the same for an event loop, which is never kept waiting
- notices: what somebody has to be told, kept until they can be shown
- errors: why a book can't be used

It knows the domain and nothing else. What can't be read is refused; nothing is ever made anew where
something should have been.
"""
