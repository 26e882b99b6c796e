"""What a group leaves exposed, and how that is covered.

A group's law is that risk is only sold against hedge that has filled. What is exposed all the same
(a hedge's fill was corrected away, a leg was assigned, somebody acted by hand) is hedged at market
at once, and that hedge is itself watched until it has covered the exact quantity or a person has
been told the exact rest.

- exposure: what is uncovered, what may be sent, what to buy, what to undo
- emergency: the market hedge, three levels deep, and then a person
- levels: the order of one level, from its sending to the proof of its end
- events: what can happen to a hedge, and what it can ask for
- stress: what a group could tie up in a bad moment, asked before it starts
"""
