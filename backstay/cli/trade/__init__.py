"""The commands about trades: each with what it reports, and how that is printed.

- commands: all of them
- finding, line: which trade is meant, and how it stands in one line
- submit, dry_run: hand a plan in, or ask what would become of it
- listing: those that run, or all
- show: the life of one
- steering: what a person wants of one
"""
