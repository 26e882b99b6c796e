"""What crosses the port of the edge.

The edge is whatever holds the broker's session. Here are the values in which it is asked and in
which it answers, so that whoever asks need not know who answers: a workflow, a test, a simulation.

- asked: the circumstances under which an intent was written down, by which absence is judged
- submission: one order to be sent, and what sending it came to
- looking: whether the broker has an order, and when it may be believed that it has not
- changing: cancels and modifications, and what they came to
- arms: an entry kept ready, and how far it has come
- guards: an open position that is watched, and how the watch ended
- resuming: how an arm, a guard or a walk is taken up where a process has left it
- snapshot: what the broker holds, with how complete each answer is
- contracts: what is asked of the broker's catalogue
- session: how the session stands, and the health of what runs around it
- live, reckoning: the legs that are at work, as a person looks at them, and their figures
- ordered: the orders of the account, in words for a person
"""
