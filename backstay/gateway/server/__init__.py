"""The shells: they carry bytes and time to the gateway, and its bytes away.

- link: what a shell and the gateway know of each other
"""
