"""Who owns what: positions, cash, commissions, margin and profit of every account.

- words: positions, figures and profits as they are asked for
- ledger: what trades make of one position, exactly
- commissions: what a trade costs
- marks: what a thing is worth now
- margin: what the positions of an account require
- standing: everything an account is worth and requires, at one instant
- figures: the same under IB's names
- state: what has to survive the process
- accounts: the door to all of it
"""
