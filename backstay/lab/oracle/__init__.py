"""The independent judge: it reads what the gateway's account recorded, and believes nothing else.

- violations: what can be found, and how it reads
- lines: a record's line as numbers and words
- executions: each counts once, a correction replaces
- money: cash adds up, and each trade is paid for exactly
- positions: positions add up from executions
- orders: one living order a key, no key overfilled, nothing rises from the dead
- oracle: reads lines, gives a verdict
"""
