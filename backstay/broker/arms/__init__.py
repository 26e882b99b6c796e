"""Entries kept ready: what follows when their trigger fires, until what they fill is protected.

- books: what the inbox amounts to for one leg of a trade
- protector: what is filled gets its stop, and nothing has a stop too many
- ready: its orders, written ahead
- waiting: what it waits for: its trigger, or a good price
- changes: whether a change of it makes sense, and what it is then
- pursuit: it is asked about, or cancelled, until it is over
- stopped: what lives although trading is stopped, and that nobody has armed
- telling: how its progress is told
- run: one arm from its arming to its end
- arms: all of them, by key
"""
