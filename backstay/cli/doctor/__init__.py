"""What keeps trades from being carried out, and what to do about it."""
