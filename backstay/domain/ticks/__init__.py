"""Ticks: when a price means something, and what it then decides.

A tick passes through here in the same event-loop turn in which it leaves the wire, so every
function that sees one is small and allocates next to nothing. Ticks never enter a history; the
states do, in heartbeats and progress, so that a watch goes on where it was after a crash.

- quotes: what is known of an instrument's prices; which ticks are bad, and why
- sources: the price that a rule looks at, and whether a tick says anything new of it
- worth: what an option is judged on while the side that would close it is not quoted
- levels: what it means to be beyond a price, above or below
- triggers: when an entry fires, once
- stops: when a stop is breached for good
- trails: where the stop stands, and the hands that move it
- guarding: the last two together, in the one order that is right
- danger: whose tick is looked at first
- freshness: who has not heard a tick for too long
- feeds: whether the data can be trusted at all
"""
