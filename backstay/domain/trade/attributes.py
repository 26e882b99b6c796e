"""The names under which trades are found: what is asked for in a list, or on a screen."""

ACCOUNT = "BackstayAccount"
SYMBOL = "BackstaySymbol"
STATE = "BackstayState"
SEVERITY = "BackstaySeverity"
OPEN_QUANTITY = "BackstayOpenQuantity"
