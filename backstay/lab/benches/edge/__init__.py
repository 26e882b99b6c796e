"""From a tick's bytes to an order's bytes: the edge beside a plain script and a bare scanner.

- seats: the contracts and the prices at which each contender has a trigger
- peer: the other side of the wire: the embedded gateway behind a socket, with ticks of its own
- contenders: the programs that are measured, each in a process of its own
- edge_client: one of them, the edge
- runs: what is measured, in turns
- ladder_cost: what a tick costs with ten armed and with ten thousand
- cancel_behind: how long a cancel takes behind five hundred requests
- figures: what the measurements amount to
"""
