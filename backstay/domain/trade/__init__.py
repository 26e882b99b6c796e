"""The life of one trade, as values and pure rules.

- order: what somebody has asked for, in which account
- prospect: what has to be known of the broker before anything can be admitted
- prospecting: what the broker's answers mean for a plan
- opening: the orders that a plan begins with, and everything that they may lead to
- admission: what is asked of the account for a trade, and what it answers
- settlement: what a trade has come to, once it is over
"""
