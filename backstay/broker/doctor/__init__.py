"""What keeps us from the broker, found out one question after the other.

- findings: the questions in their order, what can be found, what to do about it
- visit: a connection that lasts as long as the examination
- walk: the questions asked
"""
