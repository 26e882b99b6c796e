"""The way from a tick to an order, walked again and again with blanks, so that it is warm.

A trigger may fire once a day. Code that has not run for a while is in no cache of the processor,
and the first order of the day would take twice as long as one right behind another. So an edge that
has something armed fires blanks: the same code, on objects of its own that lead nowhere.

- blanks: a market that is open, a session that may send, and an order that nobody would want
- drill: the shots
"""
