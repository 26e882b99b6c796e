"""What a person is told, and what has to happen before it is over.

- kinds: everything that can go wrong enough to be told, how bad it is, and in which words
- incident: one incident from its raising through its six steps, and what happens unanswered
- connection: the checklist that is walked when the broker can't be reached
- resumption: what has to be true before trading goes on after a kill
"""
