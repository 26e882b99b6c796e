"""The page of a showcase, printed while it happens."""

from backstay.cli.screen import INDENT, Screen
from backstay.cli.stories.telling_page import show_check, show_event
from backstay.domain.figures import plain
from backstay.lab.showcase.program import Audience, Chapter, Figures, Opened, Showcase, Summary
from backstay.lab.showcase.stories import Story
from backstay.lab.telling import Event
from backstay.lab.words import count

NOTICE = (
    "PAPER, and more than that: the account, its broker and the market are simulated. Everything"
    " else is what trades: the engine, two workers, the wire protocol, and the processes that die."
)


class DemoPage:
    """What is printed, and when."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        screen.paragraph(NOTICE, "bold")
        screen.line()

    @property
    def audience(self) -> Audience:
        """Whoever hears of what happens."""
        return Audience(self._house, self._begins, self._line, self._ends)

    def _house(self, text: str) -> None:
        self._screen.line(f"{INDENT}{text}", "dim")

    def _begins(self, number: int, story: Story) -> None:
        self._screen.line()
        self._screen.line(f"{number}  {story.title}", "bold")
        self._screen.line(f"   examples/demo/{story.plan}", "dim")
        self._screen.line()

    def _line(self, event: Event) -> None:
        show_event(event, self._screen)

    def _ends(self, chapter: Chapter) -> None:
        self._screen.line()
        if chapter.figures is not None:
            self._screen.facts(_facts(chapter.figures))
        for check in chapter.checks:
            show_check(check, self._screen)

    def summary(self, summary: Summary) -> None:
        """What all of it comes to."""
        screen = self._screen
        screen.line()
        screen.line("All in all", "bold")
        for check in summary.house:
            show_check(check, screen)
        screen.line()
        orders = (
            f"{count(summary.orders_sent, 'order')} sent under {summary.intents_written} intents"
        )
        rest = (
            f"{count(summary.executions, 'fill')}, {count(summary.restarts, 'restart')},"
            f" {count(summary.history_events, 'event')} in the engine's histories,"
            f" {plain(summary.naked_unit_seconds)} share-seconds naked, in {summary.seconds:g} s"
        )
        if summary.holds:
            screen.line(f"All {summary.checks} checks hold: {orders}.", "bold green")
        else:
            failed = summary.checks - summary.checks_held
            screen.line(f"{failed} of {summary.checks} checks fail; {orders}.", "bold red")
        screen.paragraph(rest)

    def stays(self, where: Opened, shown: Showcase) -> None:
        """What can be looked at while the house stays."""
        screen, ui = self._screen, where.house.roster.ui
        screen.line()
        screen.line("The house stays until Ctrl-C. Look around:", "bold")
        screen.facts([("web ui", ui)])
        for chapter in shown.chapters:
            identity = chapter.workflow_id.replace(":", "%3A")
            screen.facts([("", f"{ui}/namespaces/default/workflows/{identity}")])
        screen.line(f"{INDENT}export BACKSTAY_CONFIG={where.premises.settings_file}")
        for words in ("trade list --all", "trade show aapl-breakout", "account show"):
            screen.line(f"{INDENT}.venv/bin/backstay {words}")


def _facts(figures: Figures) -> list[tuple[str, str]]:
    changes = f"{count(figures.changes_sent, 'change')}, {count(figures.cancels_sent, 'cancel')}"
    sent = f"{count(figures.orders_sent, 'order')} sent under {figures.intents_written} intents"
    made = "unknown" if figures.profit is None else plain(figures.profit)
    money = f"{made} USD, {plain(figures.commissions)} USD commissions"
    naked = f"{plain(figures.naked_unit_seconds)} share-seconds"
    return [
        ("orders", f"{sent}; {changes}; {count(figures.executions, 'fill')}"),
        ("profit", money),
        ("naked", f"{naked} without a stop that the broker had acknowledged"),
        (
            "engine",
            f"{count(figures.history_events, 'event')} in its histories; {figures.seconds:g} s",
        ),
    ]
