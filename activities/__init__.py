"""The only doors out of a workflow: typed calls, then one module per door."""
