"""Positions: what we own, whose it is, and where the broker sees it differently.

- entries: what can change a position: executions, adjustments, revaluations, commissions
- journal: everything told about one contract, joined in any order
- ledger: quantity, cost and result of one owner, folded from postings
- allotment: who owns each entry: a trade, or the person at the other screen
- net: one position per contract, and the ledgers that it is the sum of
- claims: how much each trade may have in live exits
- answers: what the broker says it holds, and how much of that it has said
- gaps: both sides of each contract, and whether they can be compared
- option_events: expiry, assignment and exercise, recognised from what they leave behind
- doubts: which entries may not be so, and what taking them back would explain
- differences: system against broker, how each difference gets its class and its correction
- splits: whether prices still mean what they did, once a position's stop has vanished
- findings: what a comparison comes to
"""
