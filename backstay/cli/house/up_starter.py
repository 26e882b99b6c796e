"""The settings that somebody begins with who has none."""

from pathlib import Path

STARTER = """\
# Settings of Backstay. This is a simulated account: nothing here reaches a market.
# Every key there is, with its meaning: docs/workers.md and examples/backstay.toml.

account = "DU1234567"
kind = "paper"                  # "live" is real money, and takes more than this line
data = "data"                   # what is kept: the account's book, the engine's file, logs

[temporal]
address = "127.0.0.1:7233"      # the engine; its pages for people are 1000 ports higher

[broker]
port = 4002                     # where the simulated gateway listens

[limits]                        # without this table nothing may be opened
base_currency = "USD"
exposure_max = 50000            # at most so much held and on its way, in base currency
share_position_max = 500        # at most so many shares of one stock
trading = "paper"               # "disabled" stops whatever opens a position

[metrics]
port = 9464                     # health and metrics of the trades worker; the other has 9465
"""


def write_starter(file: Path) -> None:
    """Write them where there is nothing; OSError otherwise."""
    with file.open("x", encoding="utf-8") as opened:
        opened.write(STARTER)
