"""Orders: what we mean to have at the broker, and what the broker has.

- intent: one order we mean to have, complete enough to be sent as it is
- outcome: what a submission came to: accepted, rejected or unknown
- reports: what the broker says of an order, message by message
- facts: what is known of an order, its reports joined in any sequence
- executions: which executions count, corrections applied, and what they cost
- instances: the lives of an order under its permanent ids, and what is proven of each
- view: what all that amounts to
"""
