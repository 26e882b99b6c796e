"""What goes wrong, and when: by name, each with a probability or a schedule, all from one seed.

- names: the catalogue, one literal table of every fault; entries: what it is made of
- scalars, rules, plan: what is planned, read from a TOML file or written as values
- engine: whether a planned fault strikes an occasion, or when its hour has come
- kinds: the words by which a rule picks requests and statuses
- doors: what the faults need of a connection, the exchange, the market and the gateway
- inbound, order_requests, clients: requests on their way in
- outbound, order_news, ticks: replies on their way out
- passages: the way of each connection through all of it, in and out
- mischief: what happens at the exchange, the market and the gateway by itself

A message that one fault has stopped is no occasion for the next. Without a plan nothing of this
stands between a client and the gateway, but for the last words of a connection that drops: whether
they were read is a matter of the profile, not of a fault.
"""
