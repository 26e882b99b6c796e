"""The life of one trade, as values and pure rules.

Before it begins:
- order: what somebody has asked for, in which account
- prospect: what has to be known of the broker before anything can be admitted
- prospecting: what the broker's answers mean for a plan
- opening: the orders that a plan begins with, and everything that they may lead to
- preflight, dry_run: what the account says of a plan, and what would be sent, when nobody trades
- admission, agreed: what is asked of the account for a trade, what it answers, and what holds then

While it runs:
- watching: from a filled entry to the guard that watches it
- wishes: whether what a person wants makes sense as it stands
- leaving: the way out of a position, as a life of its own
- standing, progress: how it stands, and what news does to that
- settlement: what a trade has come to, once it is over

To be told:
- naming, attributes: how a trade is called, and by what it is found
- terms, pages: what it wants, and how it reads
- chronicle, recounting: what is written down of it, and how it stands by that
- timeline: its life, line by line
"""
