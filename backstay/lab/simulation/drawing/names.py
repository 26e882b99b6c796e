"""Everything that can go wrong, by name: the gateway's faults, and what befalls the rest."""

from backstay.gateway.faults.names import CATALOGUE

CRASH, CUT_LINES, SIGNALS_TWICE = "crash", "cut lines", "signals twice"
GATEWAY: tuple[str, ...] = tuple(fault.name for fault in CATALOGUE)
STRIKES: tuple[str, ...] = (
    CRASH,
    "stall",
    "rival",
    "clock step",
    "engine restart",
    "late timers",
    "lost reports",
    SIGNALS_TWICE,
    "evictions",
    CUT_LINES,
    "gateway restart",
)
"""Each as its class is called in a scenario."""

FAULTS = GATEWAY + STRIKES
