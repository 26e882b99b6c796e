"""Positions: what we own, whose it is, and where the broker sees it differently.

- entries: what can change a position: executions, adjustments, revaluations, commissions
- journal: everything told about one contract, joined in any order
- ledger: quantity, cost and result of one owner, folded from postings
- allotment: who owns each entry: a trade, or the person at the other screen
- net: one position per contract, and the ledgers that it is the sum of
- claims: how much each trade may have in live exits
- answers: what the broker says it holds, and how much of that it has said
- option_events: expiry, assignment and exercise, recognised from what they leave behind
- differences: system against broker, each difference with its class and its correction
"""
