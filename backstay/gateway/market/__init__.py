"""What can be traded and at which prices; it knows of no order.

- words: instruments, quotes, depth, phases, and the news of their changes
"""
