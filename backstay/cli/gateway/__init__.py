"""A simulated IB Gateway to connect to.

- commands: what is typed; options: each with its reading and its line of help
- run: one gateway over TCP, from its files to its last words
- faults: what can be made to go wrong
"""
