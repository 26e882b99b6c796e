"""A trade's life, told in lines from what is written down of it.

- story: every entry of a chronicle, in words
- orders: what became of each order
- changes: what was changed of a running trade, and what came of it
- ladders: in which sequence the orders of a way out came
- lines: how lines by two clocks are put into one sequence
- moments: what a chronicle says of when something happened
- words: texts that several of them use
"""
