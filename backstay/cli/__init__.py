"""What the operator types: parses, then starts, updates and queries."""
