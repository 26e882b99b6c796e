"""Benches: what is fast and what stays small, measured with real parts.

- raw_client: a client that reads as fast as bytes come and understands only what it counts
- market_data: how many prices a second the embedded gateway gives one client
- memory: what an hour of virtual trading leaves behind
"""
