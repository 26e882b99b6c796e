"""The page of `backstay kill`: what is in force, and who has not heard of it."""

from collections.abc import Iterator

from activities.ports import Untold
from backstay.cli.account.kill_report import KillReport
from backstay.cli.screen import Screen
from backstay.domain.limits.kill import KillMode
from backstay.lab.words import count

Fact = tuple[str, str]

_MEANS = {
    KillMode.FREEZE: "nothing enters any more; what is open stays protected",
    KillMode.FLATTEN: "nothing enters any more, and every position is left",
}


def show(report: KillReport, screen: Screen) -> None:
    """The page; what went wrong comes first and can't be overlooked."""
    mode, epoch = report.state.text, report.state.epoch
    if report.trouble:
        screen.line(f"the kill is NOT written down: {report.trouble}", "bold red")
    else:
        screen.line(f"trading in {report.account} is killed: {mode}, epoch {epoch}", "bold")
    screen.facts(_facts(report))


def _facts(report: KillReport) -> Iterator[Fact]:
    mode = report.state.mode or report.asked
    yield "means", _MEANS[mode]
    if report.asked is not mode:
        yield "", f"a {report.asked.value} does not soften the {mode.value} that is in force"
    yield "told", count(len(report.told), "running trade")
    label = "untold"
    for each in report.untold:
        yield label, _untold(each)
        label = ""
    if report.trouble:
        yield "do", "kill once more when the book is there: what starts anew has not heard of it"
    elif any(each.exists for each in report.untold):
        yield "still", "every broker worker reads the book: no order that opens leaves any more"
        yield "do", "kill once more when the engine is there"


def _untold(untold: Untold) -> str:
    if not untold.workflow_id:
        return f"whoever runs: {untold.text}"
    if not untold.exists:
        return f"{untold.workflow_id}: nobody runs it, and it has room in the book"
    return f"{untold.workflow_id}: {untold.text}"
