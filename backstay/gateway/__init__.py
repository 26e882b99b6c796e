"""The embedded IB gateway: a TWS-protocol server that knows nothing of the rest of the house.

A client's bytes come in through `server`, are cut into requests by `conversation` and `wire`, pass
`faults`, and are answered by `front`, which asks `exchange`, `account` and `market`. What happens
there is told once, as `events`, to clients, `audit` and `store`. `gateway` puts all of it together;
`agenda` is its only clock and `chance` its only dice.

- values, messages: IB's nouns, and what is said on the wire, as frozen values
- wire: bytes to messages and back
- front: the protocol as clients see it, messages in and messages out
- exchange: orders and what becomes of them
- account: positions, cash, margin
- market: what can be traded and at which prices
- faults: what goes wrong, by name
- server: the same turns over TCP and in memory
"""
