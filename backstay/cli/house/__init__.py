"""The processes: all of them with one command, or one of them.

- up, up_run, up_page: everything, kept alive, on one screen
- up_starter: settings for whoever has none; up_market: whether the market is open
- worker: one process that carries trades out
"""
