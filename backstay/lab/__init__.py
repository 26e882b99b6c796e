"""Simulation and benches: sees everything below the CLI, and nothing below sees it."""
