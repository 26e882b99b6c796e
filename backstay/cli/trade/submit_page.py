"""The page of `backstay trade submit`: what became of the plan, and what to type next."""

from collections.abc import Iterator

from backstay.cli.screen import Screen
from backstay.cli.trade.line import TradeLine
from backstay.cli.trade.submit_report import Outcome, Submission
from backstay.lab.words import instant_text

Fact = tuple[str, str]


def show(submission: Submission, screen: Screen, errors: Screen) -> None:
    """The page; a refusal is one line, and goes to where errors go."""
    name, line = submission.plan_id, submission.trade
    on = "" if line is None else f" on {instant_text(line.started_at)}"
    match submission.outcome:
        case Outcome.DIFFERS:
            parts = ", ".join(submission.differs)
            errors.line(
                f"{name}: another plan was started under this id{on}; they differ in: {parts}"
            )
        case Outcome.REFUSED:
            errors.line(f"{name} is refused: {'' if line is None else line.why}")
        case Outcome.STARTED:
            screen.line(f"{name} is started", "bold")
            screen.facts(_facts(submission))
        case Outcome.SAME:
            screen.line(f"{name} was started before{on and f',{on}'}: it is the same trade", "bold")
            screen.facts(_facts(submission))


def _facts(submission: Submission) -> Iterator[Fact]:
    line, code = submission.trade, submission.code
    yield "trade", code if line is None else f"{code}: {line.side} {line.symbol}"
    yield "workflow", submission.workflow_id
    yield "state", standing_text(line)
    yield "next", f"backstay trade show {submission.plan_id}"
    if line is None or not line.is_over:
        yield "", "backstay trade watch"
        yield "", f"backstay trade cancel {submission.plan_id}"


def standing_text(line: TradeLine | None) -> str:
    """How a trade stands, in one line."""
    if line is None:
        return "not known: the engine has fallen silent"
    if line.begun is False:
        return f"{line.state}; no trades worker takes calls, so it begins when one runs"
    if not line.answered and not line.is_over:
        return f"{line.state}; it does not answer: is a trades worker running?"
    why = f" ({line.why})" if line.why else ""
    return f"{line.state}, {line.doing}{why}"
