"""The exchange: which orders live, what fills them and what ends them.

It knows no client but by id.

- doors: what this room asks of the market and the accounts
- remarks: IB's codes and texts for what it has to say about an order
- lifecycle: the one table of what an order's status can become
- checks, both_sides, modifies: what is refused, and why; admission: all of them together
- hours, deadlines: when an order may work, and until when
- triggers: when a stop elects
- waiting: why an order doesn't work now
- matching: what an order gets from what is displayed or printed
- oca, brackets: what one order does to those it is tied to
- sequences: ids that nobody gets twice
- executions: what was traded, with its ids and corrections
- order_book: the orders by all their names; the only place where one changes
- floor: orders at work: fills, ends, and what follows from them
- timetable: what happens to orders because it is time
- by_hand: what no client can ask for
- state: what survives a restart
- exchange: the doors of this room
"""
