"""Open positions that are watched, and the way out of them.

- market: what a ladder has to know of the market, read off the quotes and the calendar
- members: what the inbox amounts to for the orders of a ladder
- entries: what a guard asks of those who enter positions
- tranche: how large a guarded tranche is by now, and what of it can be closed
- asking: in which circumstances each order of a guard was asked for
- carrying: the commands of a ladder, carried out, and what comes back of them
- ladder_run: one ladder; it leads until its first exit has left, then stands by for the engine
- shielding: the stop at the broker: it follows the engine's, is kept as large as what is open, and
  is put back where it has vanished
- doubting: whether prices still mean what they did, once that stop has vanished
- shapes: stops as the broker shows them
- sight: the watch of a guard's stop and target, as long as there is one
- telling: what a guard tells: targets by number, and at last its result
- splitting: the parts that are split off from what is guarded
- claims: who holds what of a contract's position
- hands: what somebody else has closed of it
- ways, exiting: by which rules a guard leaves, and its ladder
- run: one guard from its beginning to its result
- guards: all of them, by key
"""
