"""The desk: the only code that sends orders.

- desk: all of it, composed
- kill: the newest kill state that was heard of
- last_hop: what is asked again in the turn in which an order leaves
- recent_entries: when the last entries in a symbol left
- release: frames written ahead, and sent in one turn
- submit: an order sent idempotently, and its acknowledgement awaited; outcome: how a view reads
- rounds: one round of questions for all who need it; find: whether the broker has an order
- cancel: cancels and their evidence; survivors: lives that no order id reaches
- modify: modifications, one at a time for each order; changes: which are under way
- errors: errors about orders, judged and followed up
- preview: what an order would tie up
- around, sendings, requests, wakes: what all of these share
"""
