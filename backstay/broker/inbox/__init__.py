"""What the broker has told, by key.

News come in one by one and are only filed; what they amount to is derived once after each read.
Facts outlive a connection, what they leave out does not: completeness starts anew with each.

- names: whose a permanent id and, for as long as a session lasts, an order id is
- record: one order of ours: its facts, its intent, the view that they come to
- orders: all orders of ours, by key and by contract; which of them are live, which unexplained
- missing: orders of ours that nothing explains any more
- strangers: what nobody here sent, or nothing has named yet
- fills: every execution of the account, corrections applied
- holdings: positions, and whether the executions explain them
- matters: what of an order is an incident
- surprises: executions that say otherwise than they did, told as well
- by_hand: what somebody else has done
- inbox: all of it, composed
- audit: position against live stops, from nothing but what is in here
"""
