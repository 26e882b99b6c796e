"""The edge: the only code that imports ib_async, and the only way an order can leave.

What ib_async brings is the protocol: its client encodes our requests and decodes the broker's
messages. What it believes about orders is not used, because it believes too much. Every message
becomes a value, and the domain's folds say what the values amount to.

- line: one connection; bytes to news and requests to bytes, ticks as early as possible
- translation: our values in ib_async's words, and back; what each error code means
- lanes: the order in which messages leave, and how fast
- inbox: what the broker has told, by key; the protection audit reads only this
- session: connect, sync, stay; whether anything may be sent
- clock, health: broker time with its error; who still gives signs of life
- doctor: what keeps us from the broker, found out one question after the other
- contracts, feeds: the broker's catalogue; who hears which prices on which line
- desk: submit, find, cancel, modify, release; the last hop
- watch: ticks to decisions, for thousands of triggers and stops
- arms, guards: what follows from the decisions, up to the first exit and beyond
- naked: how much of each trade stands without an order that protects it, and for how long
- reading: all of it read out for whoever looks; nothing changes by it
- drill: blanks that keep the way from a tick to an order warm
- edge: all of it, composed
"""
