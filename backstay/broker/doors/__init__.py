"""What the rooms of the edge ask of each other; none knows more of another than stands here.

Everything runs in one event loop. What is synchronous here is so on purpose: it happens in the turn
in which it is called.

- wire: bytes and requests
- knowing: what the broker has told, how the session stands, what time it is
- market: contracts and prices, and the decisions that are made of ticks
- ordering: orders, and everything that changes them
"""
