"""How a house stands, looked at from outside: nothing is started, changed or sent by it.

- findings: what is looked at, what can come of it, and what it comes to
- ground: the settings, the data folder, the book and the limits
- engine: the engine, its namespace, and its page for people
- crew: who serves the queues, how those who run are, and whose clock differs
- pages: what answers over HTTP
- walk: all of it, and then the broker
"""
