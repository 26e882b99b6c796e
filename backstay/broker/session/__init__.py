"""The session with the broker: connect, read everything, stay; whether anything may be sent.

- standing: how it stands and what follows from what happens, as one table
- alarm: when a person is told that it is missing
- accounts: whether the login is the one that we trade
- codes: what the broker's errors about the connection say
- reading: everything that the broker has, asked for completely
- doubts: when some of it is asked for again
- pulse: signs of life, and how their absence is noticed
- tenure: whether it is still the one in which something was asked for
- needs: what the session is given by other rooms
- session: all of it, carried out
"""
