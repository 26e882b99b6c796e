"""The page about a rehearsal.

Owns the wording around it and the sequence; every line and every figure stands in the document.
"""

from collections.abc import Iterator

from backstay.cli.screen import INDENT, Screen
from backstay.cli.stories.telling_page import show_check, show_event
from backstay.domain.figures import plain
from backstay.lab.rehearsal.program import Figures, Part, Rehearsal, Summary
from backstay.lab.words import count


def show(rehearsal: Rehearsal, screen: Screen) -> None:
    """The notice, every part, and what all of it comes to."""
    screen.paragraph(rehearsal.notice)
    for number, part in enumerate(rehearsal.parts, start=1):
        screen.line()
        _show_part(number, part, screen)
    screen.line()
    _show_summary(rehearsal.summary, screen)


def _show_part(number: int, part: Part, screen: Screen) -> None:
    screen.line(f"{number}  {part.title}", "bold")
    screen.line(f"   {_place(part)}", "dim")
    screen.line()
    for event in part.events:
        if part.account:
            show_event(event, screen)
        else:
            screen.line(f"{INDENT}{event.what}: {event.why}")
    screen.line()
    screen.facts(_figures(part.figures))
    for check in part.checks:
        show_check(check, screen)


def _place(part: Part) -> str:
    if not part.account:
        return part.plan_id
    day = part.events[0].at
    return f"{part.plan_id} in {part.account}, {day:%A} {day.day} {day:%B %Y}, times in UTC"


def _figures(figures: Figures) -> Iterator[tuple[str, str]]:
    if not figures.ticks:
        return
    intents = count(figures.intents_written, "intent")
    orders = f"{count(figures.orders_sent, 'order')} sent under {intents}"
    changes = f"{count(figures.changes_sent, 'change')}, {count(figures.cancels_sent, 'cancel')}"
    yield "orders", f"{orders}; {changes}"
    prices = f"{count(figures.ticks, 'price')}, {figures.bad_ticks} of them bad"
    reports = f"{count(figures.reports, 'report')}, {figures.reports_without_news} of them no news"
    yield "heard", f"{prices}; {reports}"
    if figures.naked_unit_seconds:
        entering, whole = figures.naked_before_exit, figures.naked_unit_seconds
        yield (
            "naked",
            f"{plain(entering)} share-seconds before the exit, {plain(whole - entering)} in it",
        )
    money = figures.currency
    received = f"{plain(figures.cash)} {money} received less paid"
    yield "cash", f"{received}; {plain(figures.commissions)} {money} commissions"


def _show_summary(summary: Summary, screen: Screen) -> None:
    sent = f"{count(summary.orders_sent, 'order')} sent under {summary.intents_written} intents"
    if summary.holds:
        screen.line(f"All {summary.checks} checks hold: {sent}.", "bold green")
    else:
        failed = summary.checks - summary.checks_held
        screen.line(f"{failed} of {summary.checks} checks fail.", "bold red")
