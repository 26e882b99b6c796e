"""The way out of a position: a limit, a proven cancel, the last rung.

The ladder takes one tranche of a position from "the exit has been triggered" to "flat", through
everything a broker can do on the way. Its law, which every module here serves:

    the next order goes out only when every old one is proven terminal and its fills are read.

From that follow the two promises: there are never two live exits that could fill more than is
open, and open quantity without a live exit is always the subject of the very next command, or of
a question that is under way and, when it stays unanswered, of which a person has been told.

- rules: what the ladder is given, once, when it is armed
- market: what the ladder has to know of the market, each time
- rungs: which order comes next, and at what price
- members: the orders that the ladder answers for, and what has been heard of them
- events: what can happen, what can be asked for
- hearing: from the facts about an order to what is heard of it
- ladder: the state, and how an event is taken in
- turn: one decision in the making
- overdue: what becomes of an order of which nothing is heard
- steps: what follows from the whole picture; here a ladder begins and is taken to its end
"""
