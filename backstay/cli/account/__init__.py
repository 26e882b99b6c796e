"""The book of an account: made, shown, and trading stopped.

- commands, report, page: make it, look at it
- kill, killing, kill_report, kill_page: trading is stopped
"""
