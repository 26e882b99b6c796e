"""When a test that waits for something says that it will never come."""

HANGS_AFTER_SECONDS = 300
"""No measure of anything: on a machine that is busy with other things, what takes a second may take
a minute, and is right all the same.
"""
