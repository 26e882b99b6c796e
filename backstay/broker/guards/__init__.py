"""Open positions that are watched, and the way out of them.

- market: what a ladder has to know of the market, read off the quotes and the calendar
- members: what the inbox amounts to for the orders of a ladder
- entries: what a guard asks of those who enter positions
- tranche: how large a guarded tranche is by now, and what of it can be closed
- asking: in which circumstances each order of a guard was asked for
- carrying: the commands of a ladder, carried out, and what comes back of them
- ladder_run: one ladder; it leads until its first exit has left, then stands by for the engine
- shielding: the stop at the broker: it follows the engine's, and is put back where it has vanished
- run: one guard from its beginning to its result
- guards: all of them, by key
"""
