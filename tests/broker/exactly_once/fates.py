"""What can become of a message that was written: the faults that a story is told under."""

from collections.abc import Iterator
from json import loads

from backstay.gateway.faults.plan import Plan, rule
from tests.broker.exactly_once.stories import Story
from tests.broker.exactly_once.telling import Telling, tell

NOTHING = "nothing"


def fates(story: Story) -> Iterator[tuple[str, Plan]]:
    """Every fate that a message of the story's act can have, by name."""
    yield NOTHING, ()
    calm = [loads(line) for line in tell(Telling(story)).world.wire]
    came = [line for line in calm if line["dir"] == "in" and line["msg"] != "hello"]
    for message in ("placeOrder", "cancelOrder"):
        before = story.placements if message == "placeOrder" else 0
        total = sum(line["msg"] == message for line in came)
        for nth in range(before + 1, total + 1):
            place = [k for k, line in enumerate(came, 1) if line["msg"] == message][nth - 1]
            for name, plan in _of(message, nth, place):
                yield f"{name} {message} {nth - before}", plan


def _of(message: str, nth: int, place: int) -> Iterator[tuple[str, Plan]]:
    if message == "placeOrder":
        yield "swallowed", (rule("placement-swallowed", nth=nth),)
        yield "acknowledged late", (rule("placement-acknowledged-late", nth=nth),)
    else:
        yield "unanswered", (rule("cancel-unanswered", nth=nth, delay="8s"),)
        yield "refused", (rule("cancel-refused", nth=nth),)
    yield "reset before", (rule("reset-before-frame", nth=nth, kinds=(message,)),)
    yield "reset after", (rule("reset-after-frame", nth=nth, kinds=(message,)),)
    yield "reset amid", (rule("reset-mid-frame", nth=place, kinds=("in",)),)
