"""The whole house at work: real processes, a scripted market, and stories that are judged.

- premises: the fresh folder, its settings, and the file through which prices reach the gateway
- record: what the gateway has written down, read while it is written
- narration: a line of that record, as it is told
- lives: what the engine has written down of a trade
- scene: what a story can do and wait for
- stories: the four of them
- verdicts: whether what happened may happen, from both records
- program: all of it, and the document it ends in
"""
