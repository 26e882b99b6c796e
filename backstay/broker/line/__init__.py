"""One connection: bytes to news and requests to bytes, ticks as early as possible.

- opening: to connect; errors: why it can fail
- line: the connection; handshake: how it begins
- framing: bytes to messages; reading: in which order the messages of a read are heard
- early: ticks, found in their bytes; decoding: everything else, by ib_async's decoder
- encoding: what ib_async would send, as bytes instead
- numbers: ids for orders and requests
- asks: what can be asked; kinds: how long that may take; questions: how answers are collected
"""
