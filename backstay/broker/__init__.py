"""The edge: the only room that imports ib_async and can reach Interactive Brokers."""
