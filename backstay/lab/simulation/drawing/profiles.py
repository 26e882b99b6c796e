"""How the gateway behaves in a run, and what the house believes of it."""

from backstay.gateway import profile
from backstay.gateway.profile import NAMES
from backstay.lab.simulation.drawing.throws import falls, pick
from backstay.lab.simulation.seeds import die

_HARD, _EASY = "pessimistic", "optimistic"


def gateway(seed: int) -> str:
    """One of the two, or one with a single switch the other way, or any mixture."""
    thrown = die(seed, "profile")
    kind = pick(thrown, ((_HARD, 28.0), (_EASY, 14.0), ("single", 48.0), ("any", 10.0)))
    if kind == "single":
        switch = thrown.choice(NAMES)
        return thrown.choice((f"{_HARD},+{switch}", f"{_EASY},-{switch}"))
    if kind == "any":
        return _text([name for name in NAMES if falls(thrown, 0.5)])
    return kind


def believed(seed: int, kept: str) -> str:
    """Mostly what is so; else something less, for nobody believes more than is kept."""
    thrown = die(seed, "believed")
    kind = pick(thrown, (("all", 65.0), ("nothing", 20.0), ("some", 15.0)))
    if kind == "all":
        return kept
    real = profile.parse(kept)
    chosen = [name for name in NAMES if falls(thrown, 0.6) and getattr(real, name)]
    return _HARD if kind == "nothing" else _text(chosen)


def _text(granted: list[str]) -> str:
    return ",".join((_HARD, *(f"+{name}" for name in granted)))
