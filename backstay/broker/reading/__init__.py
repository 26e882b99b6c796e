"""What is read out of the edge, for whoever looks: a person, a page, a supervisor.

Whoever reads changes nothing and waits for nothing; every figure is of the turn in which it is
asked for.

- legs: what is at work, leg by leg
- orders: every order of the account that is known
- positions: what the account holds, who looks after it, and what is nobody's of ours
- reading: both with the account and the session that they are of, and the edge's health
"""
