"""Orders: what we mean to have at the broker, and what the broker has.

- intent: one order we mean to have, complete enough to be sent as it is
- outcome: what a submission came to: accepted, rejected or unknown
- facts: what the broker has said of an order, joined in any order
- view: what those facts amount to
"""
