"""Durable work: what must survive a crash is decided here, and nothing here touches the world."""
