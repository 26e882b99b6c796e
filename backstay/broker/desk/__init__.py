"""The desk: the only code that sends orders.

- around: what the parts of the desk share
- kill: the newest kill state that was heard of
- recent_entries: when the last entries in a symbol left
- last_hop: what is asked again in the turn in which an order leaves
- sendings: what this desk has sent, or is about to, by key
- wakes: waiting for news of an order
- outcome: what a view says a submission came to
- release: frames written ahead, and sent in one turn
- submit: an order sent idempotently, and its acknowledgement awaited
"""
