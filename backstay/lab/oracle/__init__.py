"""The independent judge: it reads what the gateway's account recorded, and believes nothing else.

For one record alone:

- violations: what can be found, and how it reads
- lines: a record's line as numbers and words
- executions: each counts once, a correction replaces
- money: cash adds up, and each trade is paid for exactly
- positions: positions add up from executions
- orders: one living order a key, no key overfilled, nothing rises from the dead
- oracle: reads lines, gives a verdict

For a whole run, with everything around the record that it takes to be fair:

- happenings: what the world does and no log tells
- premises: what is known before a run, and what is shown at its end
- references: whose order it is
- exchange: orders, positions and who holds them, by the record
- contact: whether anybody could have done anything, and since when
- told: what people were told
- histories: what an event of a history says
- readings: what is asked of the edge to watch
- certain: where a level that is watched stands for certain
- watches: what is watched, and what has come of it
- laws: the laws, each a module
- judge: takes everything, knows every law
"""
