"""The trading rules, pure.

Everything that decides about money is here, as values and functions of values. Nothing in this
package reads a clock, a file or a socket, knows Temporal or Interactive Brokers' client library,
or draws a random number: the time is an argument, and effects are returned as values for others
to carry out. That is what makes each rule provable in isolation, replayable inside a workflow and
usable at the edge without a second implementation.

The rooms, from the words up to the decisions:

- checks, figures, sides, prices, money, instruments, profile, ids: the vocabulary
- plan: what the operator asked
- sessions: when the market is open
- ticks: when a price means something
- orders: what we mean to have, and what the broker has
- lifecycle: how far a trade has come
- protection, exits: what stands at the broker, and how we get out
- hedging: what a group leaves exposed
- limits: what may be sent
- positions, drawdown: what we own, and what we have lost
- incidents: what a person is told
"""
