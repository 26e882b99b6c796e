"""The one screen of `backstay up`: lines of text from how the house stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from textwrap import wrap

from rich.text import Text

from backstay.cli.badges import badge, badge_style, session_style
from backstay.cli.house.up_market import market, next_regular_open
from backstay.domain.edge.session import EdgeHealth
from backstay.domain.limits.facts import AccountKind
from backstay.domain.limits.settings import TradingMode
from workers.config import Settings
from workers.health import HealthReport
from workers.supervising.folder import DataFolder
from workers.supervising.report import Alarm, HouseReport, PartReport, PartState
from workers.supervising.roster import Part

ALARMS_MIN = 3
INDENT = "  "
LABEL = 10
STALE_SECONDS = 5.0
_STATES = {
    PartState.STARTING: "yellow",
    PartState.RUNNING: "green",
    PartState.RESTARTING: "bold yellow",
    PartState.GIVEN_UP: "bold red",
    PartState.ENDED: "dim",
}
_COLUMNS = (
    ("part", 8),
    ("state", 10),
    ("where", 21),
    ("since", 8),
    ("pid", 8),
    ("restarts", 8),
)
_NEXT = (
    ("backstay trade submit PLAN", "hand a plan in; examples/ has some"),
    ("backstay trade watch", "see trades live"),
    ("Ctrl-C", "end everything in order; once more: at once"),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of a house; `is_simulated` if its broker is ours."""

    settings: Settings
    is_simulated: bool
    report: HouseReport
    alarms: tuple[Alarm, ...]

    @property
    def health(self) -> HealthReport | None:
        """What the broker worker has said last."""
        part = self.report.part(Part.BROKER)
        return part.health if part else None

    @property
    def edge(self) -> EdgeHealth | None:
        """The same, of the edge."""
        return self.health.edge if self.health else None

    @property
    def broker_now(self) -> datetime | None:
        """What time it is at the broker, as of the last that was heard."""
        edge, health = self.edge, self.health
        part = self.report.part(Part.BROKER)
        if edge is None or edge.time is None or health is None or part is None:
            return None
        return edge.time.at + timedelta(seconds=part.health_age_seconds or 0.0)


def page(shown: Shown, width: int, height: int | None = None) -> list[Text]:
    """All of it; with a height, as many alarms as still fit."""
    head = [*_head(shown, width), Text(), *_parts(shown, width), Text()]
    head += _facts(_broker_facts(shown), width)
    head += [*_facts(_place_facts(shown), width), Text()]
    tail = [Text(), *_next(width)]
    room = ALARMS_MIN if height is None else max(height - len(head) - len(tail), ALARMS_MIN)
    return [*head, *_alarms(shown.alarms, width, room), *tail]


def _head(shown: Shown, width: int) -> Iterator[Text]:
    settings = shown.settings
    line = badge(settings.kind)
    line.append(f"  {settings.account}", "bold")
    where = f"{settings.broker.host}:{settings.broker.port}"
    line.append("  simulated broker" if shown.is_simulated else f"  broker at {where}")
    if settings.kind is AccountKind.LIVE:
        line.append(" " * max(width - len(line), 0), badge_style(settings.kind))
    yield line


def _parts(shown: Shown, width: int) -> Iterator[Text]:
    """One line a part; on a narrow terminal what is least asked for is left out."""
    columns = [each for each in _COLUMNS if _ends(each[0]) <= width]
    yield _row([(name, size, "dim") for name, size in columns])
    for part in shown.report.parts:
        cells = {
            "part": part.part.value,
            "state": part.state.value,
            "where": part.address or "-",
            "since": f"{part.since:%H:%M:%S}",
            "pid": str(part.pid or "-"),
            "restarts": str(part.restarts),
        }
        yield _row(
            [
                (cells[name], size, _STATES[part.state] if name == "state" else "")
                for name, size in columns
            ]
        )
        if part.trouble and part.state in (PartState.RESTARTING, PartState.GIVEN_UP):
            yield from _wrapped(_trouble(shown, part), width, INDENT + " " * LABEL, "dim")


def _trouble(shown: Shown, part: PartReport) -> str:
    """What it died of; of one that stays dead, where to read on."""
    if part.state is not PartState.GIVEN_UP:
        return part.trouble
    log = DataFolder(shown.settings.data).log(part.part)
    return f"{part.trouble}; read {log}, then end this and start anew"


def _ends(name: str) -> int:
    """How many columns of a terminal it takes to show that column and those before it."""
    names = [each for each, _ in _COLUMNS]
    shown = _COLUMNS[: names.index(name) + 1]
    return len(INDENT) + sum(size + len(INDENT) for _, size in shown)


def _row(cells: Sequence[tuple[str, int, str]]) -> Text:
    line = Text(INDENT)
    for text, size, style in cells:
        line.append(text.ljust(size), style)
        line.append("  ")
    line.rstrip()
    return line


def _broker_facts(shown: Shown) -> Iterator[tuple[str, str, str]]:
    """How it stands with the broker: label, text, looks."""
    edge, part = shown.edge, shown.report.part(Part.BROKER)
    if edge is None or part is None:
        why = _why_silent(part)
        yield "session", f"not known: {why}", "yellow"
    else:
        session = edge.session
        why = f": {session.why}" if session.why else ""
        since = f"{session.since:%H:%M:%S}"
        yield (
            "session",
            f"{session.state} since {since}{why}",
            session_style(session.state),
        )
    now = shown.broker_now
    if edge is not None and edge.time is not None and now is not None:
        error = edge.time.error_seconds
        yield "time", f"{now:%Y-%m-%d %H:%M:%S} UTC at the broker, within {error:.3f} s", ""
        yield "tick", _tick(edge, now), ""
    if edge is not None:
        watched = f"{edge.armed} armed, {edge.guarded} guarded"
        yield "watching", f"{watched}; {edge.lines_used} of {edge.lines_max} data lines", ""
    yield from _market_facts(shown, now or shown.report.at)


def _why_silent(part: PartReport | None) -> str:
    if part is None or part.state is not PartState.RUNNING:
        return "no broker worker runs"
    return "the broker worker has not said"


def _tick(edge: EdgeHealth, now: datetime) -> str:
    if edge.last_tick_at is None:
        return "none yet; ticks are asked for once a trade needs them"
    age = max((now - edge.last_tick_at).total_seconds(), 0.0)
    return f"the last one {_age(age)} ago"


def _age(seconds: float) -> str:
    if seconds < 100:  # noqa: PLR2004 - more seconds are minutes
        return f"{seconds:.0f} s"
    return f"{timedelta(seconds=int(seconds))}"


def _market_facts(shown: Shown, now: datetime) -> Iterator[tuple[str, str, str]]:
    is_open, words = market(now)
    yield "market", f"US stocks: {words}", "" if is_open else "yellow"
    if not is_open and shown.is_simulated:
        opens = next_regular_open(now)
        yield "", f"to trade at once: backstay up --start {opens:%Y-%m-%dT%H:%M:%SZ}", "dim"


def _place_facts(shown: Shown) -> Iterator[tuple[str, str, str]]:
    for stop in shown.report.stops:
        yield "entries", stop, "bold red"
    refusal, bounds = _opening(shown.settings)
    yield "limits", refusal or bounds, "bold red" if refusal else ""
    yield "engine UI", shown.report.ui, "cyan"
    yield "data", str(shown.settings.data), ""
    for part in shown.report.parts:
        if part.silent_seconds > STALE_SECONDS:
            text = f"{part.part} has not answered for {_age(part.silent_seconds)}"
            yield "silent", text, "bold red"
        if part.health is not None:
            for trouble in part.health.trouble:
                if not trouble.startswith("session:"):
                    yield "trouble", f"{part.part}: {trouble}", "bold red"
            if part.health.unattended:
                yield "trouble", part.health.unattended, "bold red"


def _opening(settings: Settings) -> tuple[str, str]:
    """Why the settings let nothing be opened, or else how much."""
    limits, refused = settings.limits, "whatever opens a position is refused"
    if limits is None:
        return f"there are none: {refused}", ""
    if limits.trading is TradingMode.DISABLED:
        return f'trading = "disabled": {refused}', ""
    is_armed = limits.trading is TradingMode.LIVE and limits.live_armed == settings.account
    if settings.kind is AccountKind.LIVE and not is_armed:
        return f'no trading = "live" with live_armed = "{settings.account}": {refused}', ""
    return "", f"{limits.exposure_max} {limits.base_currency} at most, held and on its way"


def _facts(facts: Iterator[tuple[str, str, str]], width: int) -> Iterator[Text]:
    for label, text, style in facts:
        lines = wrap(text, max(width - len(INDENT) - LABEL, 10)) or [""]
        for number, each in enumerate(lines):
            line = Text(INDENT)
            line.append((label if number == 0 else "").ljust(LABEL), "dim")
            line.append(each, style)
            yield line


def _alarms(alarms: tuple[Alarm, ...], width: int, room: int) -> Iterator[Text]:
    """The newest last; if there is no room for all, the newest."""
    if not alarms:
        yield from _facts(iter([("alarms", "none", "")]), width)
        return
    written = [f"{each.at:%H:%M:%S} {each.text}" for each in alarms]
    lines = list(
        _facts(
            (("alarms" if not number else "", text, "red") for number, text in enumerate(written)),
            width,
        )
    )
    if len(lines) <= room:
        yield from lines
        return
    kept = lines[-(room - 1) :] if room > 1 else []
    yield from _facts(iter([("alarms", f"{len(alarms)}, the newest last", "red")]), width)
    yield from kept


def _next(width: int) -> Iterator[Text]:
    size = max(len(command) for command, _ in _NEXT) + 2
    for number, (command, does) in enumerate(_NEXT):
        line = Text(INDENT)
        line.append(("next" if number == 0 else "").ljust(LABEL), "dim")
        line.append(command.ljust(size), "bold")
        line.append(does, "dim")
        yield line if len(line) <= width else line[: len(INDENT) + LABEL + len(command)]


def _wrapped(text: str, width: int, indent: str, style: str) -> Iterator[Text]:
    for each in wrap(text, max(width - len(indent), 10)):
        yield Text(indent + each, style)
