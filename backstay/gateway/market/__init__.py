"""What can be traded and at which prices; it knows of no order.

- market: the one door; words: what passes through it
- catalogue, listings: what there is, and finding it; grid: the prices it can have
- holidays, hours: when it can be traded
- parameters, day_path, minute_path: seeded prices as a pure function of seed and time
- track, tally, silences, mover, movers: quotes made of them, moved by hand where somebody wants it
- depth: what stands behind a quote
- tape, tape_player: prices as written
"""
