"""What can be traded and at which prices; it knows of no order.

- market: the one door; words: what passes through it
- catalogue, options, expiries, option_numbers: what there is; listings: finding it
- grid: the prices it can have; holidays, hours: when it can be traded
- parameters, day_path, minute_path: seeded prices as a pure function of seed and time
- track, option_track, pricing: what an instrument would show if nobody interfered
- mover, movers, tally, record, silences: what it does show, moved by hand where somebody wants it
- depth: what stands behind a quote; history, bars, kept_days: the past
- tape, tape_player: prices as written
"""
