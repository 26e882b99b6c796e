"""The shells: they carry bytes and time to the gateway, and its bytes away.

- link: what a shell and the gateway know of each other
- clock: broker time from the machine's clock, as fast as was asked for
- shell: the turns of one gateway, and who is connected
- tcp: over a port of this machine
- memory: inside one process, under a virtual clock
"""
