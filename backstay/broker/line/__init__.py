"""One connection: bytes to news and requests to bytes, ticks as early as possible.

- encoding: what ib_async would send, as bytes instead
"""
