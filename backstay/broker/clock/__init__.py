"""Broker time with its error, from answers in whole seconds.

- bounds: what an answer says of the broker's clock, what two say together, when best to ask again
- broker_clock: the clock; it never runs backwards
"""
