"""Every message of the protocol as a frozen value; how it looks in bytes is `wire`'s affair.

- requests: what a client sends
- replies: what the gateway answers about contracts, data, accounts, positions and itself
- order_replies: what it answers about orders, executions and their cost
"""
