"""A rehearsal: the trading rules, carried through a scripted tape.

Nothing is connected and nothing is sent. What the market does and what the broker answers is data;
every decision in between is the domain's own, made by the very functions that will trade. Time is
the tape's, so the same tape always gives the same story.

- tape: what comes from outside, and where a rehearsal takes place
- story: what is told of it, line by line
- books: what the executions of the tape add up to
- desk: from an intent to the wire, through both checks
- market, entry, protection, guard, way_out: the stretches of a trade
- trade, group: a whole trade, a whole group
- checks: whether what happened may happen
- breakout, condor, mistakes: the scripts
- program: all of them, and what they come to
"""
