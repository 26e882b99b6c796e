"""Every message of the protocol as a frozen value; how it looks in bytes is `wire`'s affair.

- requests: what a client sends
- replies: what the gateway answers about contracts, accounts, positions and itself; all together
- data_replies: what it answers about prices
- order_replies: what it answers about orders, executions and their cost
"""
