"""The processes that run workflows and activities, and the one place that composes them."""
