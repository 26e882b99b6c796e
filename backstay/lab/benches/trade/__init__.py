"""How fast a durable trade is: from a plan to its watch, and down the ladder.

- market: the gateway behind a port, whose prices the bench moves
- staff: the two worker processes, as an operator starts them
- rounds: one trade after the other, and what the gateway's wire log says of each
- figures: what that amounts to
"""
