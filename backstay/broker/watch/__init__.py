"""Ticks to decisions, for thousands of triggers and stops at once.

A tick is folded into its instrument's quote, and then asks the price ladder whether anybody waits
for such a price. Who waits for a far one costs nothing; who can change with every tick is heard
every time. What is decided, and in which order, is the domain's and as if everybody had heard all.

- reading: the broker's letters as prices, and levels as the first price that matters
- prints: what a trade is, told three times over and counted once
- hours: which trading day it is, and what ticks are to a trigger now
- trust: whether the data of one instrument is confirmed good
- voided: what is void of a quote, and when it is asked for anew
- silence: the alert of ten seconds without a good tick
- seats: what a watch is to the price ladder, and what it hears
- armed: the watch of a trigger
- guarded: the watch of a stop, its trail and its target
- lookout: the look at a breach that has stood for a while
- ladder: who is woken by which price
- turns: the watch in most danger first, at once or a batch at a time
- symbol: one instrument, from the wire to whoever is woken
- watch: all of it, as the other rooms know it
"""
