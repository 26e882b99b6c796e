"""Naked time, measured: one measure for each trade and contract, for the whole life of both.

- books: what of a trade is open in a contract, and what of that an order at the broker covers
- measure: how much has stood naked, for how long, and since when something does
"""
