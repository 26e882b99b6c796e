"""IB's own nouns as frozen values: what every room of the gateway speaks of.

- contract: what is traded, and its parts
- order: what a client asks for, field by field
- execution: what was traded, and what it cost
- state: what the gateway says about an order
"""
