"""The order in which messages leave, and how fast.

- turns: who may leave now, and when the next may; no clock, no loop, no bytes
- outgoing: the lanes in front of the wire
"""
