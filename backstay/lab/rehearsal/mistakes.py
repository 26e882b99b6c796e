"""The script of a plan with three mistakes.

Data, and nothing but data: the text, and where the mistakes are.
"""

TEXT = """\
id = "aapl-breakout-0313"
side = "buy"

[instrument]
symbol = "AAPL"

[size]
quantity = 100
risk = 250

[entry]
order = "LMT"
limit_offset = 0.05

[entry.trigger]
price = 190.00
when = "over"
expires = 2026-11-24T20:55:00Z

[stop]
price = 187.00

[stop.trial]
activate_pct = 1.0
distance = 1.50
"""

PLANTED = ("size", "entry.trigger.when", "stop.trial")
PLAYED_AT = "15:10:00.000"
