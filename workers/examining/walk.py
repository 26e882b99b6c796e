"""All of it in one walk: what a house stands on, the engine, the crew, the clocks, the broker.

What does not run is a finding and stops nothing: everything that can still be looked at is looked
at. It waits for each answer for a limited time, so it ends whatever is there.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from temporalio.client import Client
from temporalio.service import RPCError

from activities.calls import Door
from backstay.broker.doctor import walk as broker
from backstay.broker.doctor.findings import Diagnosis, Patient, Step
from backstay.domain.limits.facts import AccountKind
from workers.attendance import SIGN_EVERY
from workers.config import Settings
from workers.examining import crew, engine, ground, pages
from workers.examining.crew import Sign, Visited
from workers.examining.engine import EngineFacts, PageFacts
from workers.examining.findings import (
    Area,
    Examination,
    Finding,
    Outcome,
    noted,
    of_broker,
    unreached,
    verdict,
)
from workers.examining.ground import Written
from workers.supervising.folder import DataFolder
from workers.supervising.roster import Part, Roster, Running, read_roster

LOOK_SECONDS = 1.0
LOOKS_MAX = round(SIGN_EVERY.total_seconds() / LOOK_SECONDS) * 4
"""Whoever has given no other sign after so many looks is dead, or might as well be."""

LOOKS_MIN = round(SIGN_EVERY.total_seconds() / LOOK_SECONDS) + 1
"""Whoever has only begun gives a first sign within so many."""

UI_PORT_AHEAD = 1000
"""How far above the engine's port `backstay up` puts the page for people."""

_NEED_SETTINGS = (
    (Area.FOLDER, "there"),
    (Area.BOOK, "there"),
    (Area.LIMITS, "bounds"),
    (Area.ENGINE, "answers"),
    (Area.WORKERS, "queues"),
    (Area.CLOCKS, "engine"),
)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_SIMULATED = "Or have a simulated one: `backstay up`."
_OURS_IS_SILENT = "It is the simulated one: `backstay up` begins it again if it stays silent."
_MAY_BE_SIMULATED = "A simulated gateway may keep a time of its own."
_OWN_TIME = "the simulated gateway keeps a time of its own; that is as it should be"

Machine = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was seen of engine and workers."""

    engine: EngineFacts
    earlier: tuple[Sign, ...] = ()
    later: tuple[Sign, ...] = ()
    signs_trouble: str = ""


async def examine(written: Written, patient: Patient, machine: Machine) -> Examination:
    """Everything that can be found out; `machine` is this machine's own clock."""
    settings = written.settings
    asked = asyncio.create_task(broker.examine(patient, machine))
    house = list(ground.judge_settings(written))
    if settings is None:
        house += [unreached(*each, "the settings say which") for each in _NEED_SETTINGS]
        diagnosis, roster = await asked, None
    else:
        folder = DataFolder(settings.data)
        roster = read_roster(folder.roster)
        house += _ground(settings, written)
        house += await _house(settings, roster, machine)
        diagnosis = await asked
    findings = (*house, *at_broker(diagnosis, roster))
    return Examination(
        stake=None if settings is None else ground.stake_of(settings),
        patient=patient,
        findings=findings,
        verdict=verdict(findings, diagnosis.verdict),
    )


def _ground(settings: Settings, written: Written) -> Iterator[Finding]:
    folder = ground.look_at_folder(settings.data)
    yield from ground.judge_folder(folder)
    book = ground.look_at_book(settings.book, settings.account)
    yield from ground.judge_book(book, settings.account, has_engine=folder.has_engine)
    yield from ground.judge_limits(settings, written.file)


async def _house(settings: Settings, roster: Roster | None, machine: Machine) -> list[Finding]:
    """Engine, workers and clocks."""
    seen, page, visits = await asyncio.gather(
        _look(settings), _page(settings, roster, machine), _visits(roster, machine)
    )
    found = list(engine.judge_engine(seen.engine))
    if not seen.engine.silence:
        found.append(engine.judge_page(page))
    found += _crew(seen, settings, machine())
    if roster is None:
        text = "nobody has written down who runs here: no `backstay up` has kept this folder"
        found.append(noted(Area.WORKERS, "health", text))
    for visited in visits:
        found += crew.judge_health(visited)
    return [*found, *_clocks(page, visits)]


def _clocks(page: PageFacts, visits: Iterable[Visited]) -> Iterator[Finding]:
    """The engine has no clock to ask but that of its page."""
    answer = page.answer
    told, heard_at = (None, None) if answer is None else (answer.at, answer.heard_at)
    yield crew.judge_clock("engine", told, heard_at)
    for visited in visits:
        if visited.report is not None:
            yield crew.judge_clock(visited.part.value, visited.report.at, visited.heard_at)


async def _look(settings: Settings) -> _Seen:
    """At the engine, and twice at who gives signs of life."""
    client = await engine.client_of(settings.temporal)
    if isinstance(client, EngineFacts):
        return _Seen(client)
    facts = await engine.look_at_engine(client, settings.temporal)
    if facts.silence or not facts.has_namespace:
        return _Seen(facts)
    try:
        return _Seen(facts, *await _two_looks(client, settings.account))
    except RPCError as error:
        return _Seen(facts, signs_trouble=str(error))


async def _two_looks(client: Client, account: str) -> tuple[tuple[Sign, ...], tuple[Sign, ...]]:
    """The first, and one after which everybody is known to live, or has had time enough to show
    it. Where nobody has ever given a sign there is nobody to wait for, save who has only begun.
    """
    earlier = later = await crew.signs_of(client, account)
    for look in range(1, LOOKS_MAX + 1):
        await asyncio.sleep(LOOK_SECONDS)
        later = await crew.signs_of(client, account)
        all_live = len({each.door for each in crew.living(earlier, later)}) == len(Door)
        if all_live or (not later and look >= LOOKS_MIN):
            break
    return earlier, later


def _crew(seen: _Seen, settings: Settings, now: datetime) -> Iterator[Finding]:
    if seen.engine.silence or not seen.engine.has_namespace:
        yield unreached(Area.WORKERS, "queues", "the engine knows who serves them")
    elif seen.signs_trouble:
        text = f"the engine does not say who serves them: {seen.signs_trouble}"
        yield unreached(Area.WORKERS, "queues", text)
    else:
        yield from crew.judge_queues(seen.earlier, seen.later, settings.account, now)


async def _page(settings: Settings, roster: Roster | None, machine: Machine) -> PageFacts:
    """The engine's page for people: where it was written down, or where it would be."""
    if roster is not None and roster.ui:
        address, is_guess = roster.ui.removeprefix("http://").rstrip("/"), False
    else:
        host, _, port = settings.temporal.address.rpartition(":")
        address, is_guess = f"{host}:{int(port) + UI_PORT_AHEAD}", True
    try:
        return PageFacts(address, is_guess, await pages.get(address, "/", machine))
    except pages.NoAnswerError as error:
        return PageFacts(address, is_guess, None, str(error))


async def _visits(roster: Roster | None, machine: Machine) -> list[Visited]:
    """Whoever runs here and has a page of its health."""
    workers = (Part.TRADES, Part.BROKER)
    running = () if roster is None else roster.running
    return await asyncio.gather(
        *(_visit(each, machine) for each in running if each.part in workers)
    )


async def _visit(running: Running, machine: Machine) -> Visited:
    part, address = running.part, running.address
    try:
        answer = await pages.get(address, "/health", machine)
    except pages.NoAnswerError as error:
        return Visited(part, address, silence=str(error))
    report = crew.read_health(answer.body)
    silence = "" if report is not None else f"what it says is no health page ({answer.status})"
    return Visited(part, address, report, answer.heard_at, silence)


def at_broker(diagnosis: Diagnosis, roster: Roster | None) -> Iterator[Finding]:
    """The broker's findings; a gateway of this house may keep a time of its own, and one that is
    not there can be had.
    """
    patient = diagnosis.patient
    may_be_ours = patient.host in _LOOPBACK and patient.kind is not AccountKind.LIVE
    ours = None if roster is None else roster.address(Part.GATEWAY)
    is_simulated = ours == f"{patient.host}:{patient.port}"
    for finding in of_broker(diagnosis):
        is_clock = finding.subject == Step.CLOCK
        if is_simulated and is_clock and finding.outcome is Outcome.FAILED:
            yield noted(finding.area, finding.subject, f"{finding.found}: {_OWN_TIME}")
        elif is_simulated and finding.subject == Step.HANDSHAKE and finding.remedy:
            yield replace(finding, remedy=_OURS_IS_SILENT)
        elif finding.subject == Step.PORT and finding.remedy and may_be_ours:
            yield replace(finding, remedy=f"{finding.remedy} {_SIMULATED}")
        elif is_clock and finding.remedy and may_be_ours:
            yield replace(finding, remedy=f"{finding.remedy} {_MAY_BE_SIMULATED}")
        else:
            yield finding
