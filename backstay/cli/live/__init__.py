"""What is live: from the engine, and from the pages of the broker worker.

- asking: the broker worker's pages; header: the first lines of what shows them
- watch, watch_report, watch_page, watch_run: what every trade does now, redrawn
- orders, orders_report, orders_page, orders_by_engine: the orders, and those that are unknown
"""
