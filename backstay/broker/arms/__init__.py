"""Entries kept ready: what follows when their trigger fires, until what they fill is protected.

- books: what the inbox amounts to for one leg of a trade
- protector: what is filled gets its stop, and nothing has a stop too many
- run: one arm from its arming to its end
- arms: all of them, by key
"""
