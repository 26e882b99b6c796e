"""The protocol as clients see it: messages in, messages out, and no bytes.

- doors: what this room asks of market, accounts and exchange
- front: who is connected, and what the exchange and the market tell them
- client: one connection, and what it has subscribed to
- hall: what all handlers share
- table: which handler answers which request
- session, reference, data, tick_by_tick, history, trading, reports, portfolio: the handlers
- feed, lines, ticks, greeks: prices on their way to who subscribed to them
- routing: which clients hear of an order
- upstream: the gateway's own connection to IB, and what its loss holds back
- pacing: how fast a client may ask
- notices: error codes and their texts
"""
