"""The embedded IB gateway: a TWS-protocol server that knows nothing of the rest of the house."""
