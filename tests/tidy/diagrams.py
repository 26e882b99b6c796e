"""The page docs/lifecycle.md, drawn from the table that the code obeys.

    .venv/bin/python -m tests.tidy.diagrams

writes it anew; `make check` fails while the page and the table disagree.
"""

from collections.abc import Iterator

from backstay.domain.lifecycle import TRANSITIONS, Guard, Happened, TradeState, Transition
from tests.tidy.sources import ROOT

LIFECYCLE = ROOT / "docs" / "lifecycle.md"

PAGE = """\
# The lifecycle of a trade

Drawn from the table in `backstay/domain/lifecycle.py`; to draw it anew:
`.venv/bin/python -m tests.tidy.diagrams`.

A trade only ever comes further. An event that is not drawn here is refused, recorded and counted;
the quantity that it carries is booked all the same. A trade is *hedge first* if it has hedge legs;
a single leg, or a combination sent as one order, has only its risk leg.

```mermaid
stateDiagram-v2
    [*] --> {first}
{moves}
{ends}
```

Every state that is not an end also moves to {anywhere}.

These events only book their quantity and leave the state as it is:

| State | Events |
|---|---|
{stays}
"""


def lifecycle_page() -> str:
    """The page as the table would have it."""
    anywhere = _taken_anywhere()
    moves = [
        f"    {state.name} --> {transition.to.name}: {_label(happened, transition)}"
        for state, happened, transition in _rows()
        if transition.to is not state and happened not in anywhere
    ]
    stays: dict[TradeState, list[str]] = {}
    for state, happened, transition in _rows():
        if transition.to is state:
            stays.setdefault(state, []).append(_label(happened, transition))
    return PAGE.format(
        first=next(iter(TRANSITIONS)).name,
        moves="\n".join(moves),
        ends="\n".join(f"    {state.name} --> [*]" for state in TRANSITIONS if state.is_over),
        anywhere=" and ".join(anywhere.values()),
        stays="\n".join(
            f"| {state.name} | {', '.join(labels)} |" for state, labels in stays.items()
        ),
    )


def _rows() -> Iterator[tuple[TradeState, Happened, Transition]]:
    for state, taken in TRANSITIONS.items():
        for happened, transition in taken.items():
            yield state, happened, transition


def _taken_anywhere() -> dict[Happened, str]:
    """The events that every living state takes, unguarded, each with the state it leads to."""
    living = [taken for state, taken in TRANSITIONS.items() if not state.is_over]
    return {
        happened: transition.to.name
        for happened, transition in living[0].items()
        if all(taken.get(happened) == Transition(transition.to) for taken in living)
    }


def _label(happened: Happened, transition: Transition) -> str:
    if transition.guard is Guard.NOTHING:
        return happened.value
    return f"{happened.value} [{transition.guard.value}]"


def main() -> None:
    """Write the page."""
    LIFECYCLE.write_text(lifecycle_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
