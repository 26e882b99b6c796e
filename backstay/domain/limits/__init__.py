"""Limits: what may be sent.

An order reaches the broker only as an `Approved`, which only `check` can make; the last hop asks
again, because approvals travel as data and the world moves on meanwhile.

- settings, kill: what the operator allows
- codes: the names of the refusals, and how a verdict reads
- facts: what is known about the market and the account when a question is asked
- valuation: what an order is worth, and how far its price may stray
- approval: the claim that the check was made
- claims, entries, book: what is held, reserved and under way in the account
- closing: how much of a position live exits can close
- question, rules, admission, departure: what is asked, and every rule, one function each
- check: which rules bind which orders when they are admitted
- last_hop: which rules bind them again in the turn in which they leave
"""
