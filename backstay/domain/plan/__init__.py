"""What the operator asked for.

The only values of the domain that come from outside, and so the only ones that are pydantic models:
each model is one table of the plan file, each field one key, and what is not known is refused.
Every key that is wrong is told at once, in the order of the file, with the path, the value and what
would be right; then what right keys say against each other. A plan that could be read makes sense
by itself. Whether it does so in the market is asked later, with the instrument, the price and the
time as arguments.

- complaints, tables, scalars: how a plan is refused, and what its values look like
- instrument, entry, size, stop, exits: the tables of a plan
- placement: on which side of the entry a stop and a target belong
- trade, leg, coverage, group: the two kinds of plan, and what the legs of a group cover
- model, translation, reading: either kind, from its text
- rules: the plan in the words of the rules that carry it out
- levels, losses, sizing, chain, timing: the plan against the market
"""
