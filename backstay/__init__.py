"""The trading vocabulary: pure rules, broker edge, embedded gateway, lab and CLI."""
