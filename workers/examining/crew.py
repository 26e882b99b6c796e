"""Who serves the queues, how those stand who run in this house, and whose clock differs.

Whoever serves a queue gives the engine a sign every other second. Two looks at these signs say who
lives: a list of pollers keeps the dead for minutes, and no two clocks have to agree for it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, ListWorkersRequest
from temporalio.client import Client

from activities.calls import Door
from workers.bootstrap import ANSWER_WITHIN, BUILD
from workers.examining.findings import Area, Finding, failed, noted, passed, unreached
from workers.health import HealthReport, read_report
from workers.supervising.roster import Part

CLOCK_DIFFERENCE_MAX = timedelta(seconds=2)
_HALF_A_SECOND = timedelta(seconds=0.5)
_TYPES = {
    Door.ENGINE: TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    Door.ARMS: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    Door.OPS: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
}
_ROLES = {Door.ENGINE: "trades", Door.ARMS: "broker", Door.OPS: "broker"}


@dataclass(frozen=True, slots=True)
class Sign:
    """The last sign of somebody who has served a queue; `key` is a life of its own."""

    door: Door
    key: str
    identity: str
    build: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Visited:
    """A part of the house that has a page of its health, what came and when, or why nothing did."""

    part: Part
    address: str
    report: HealthReport | None = None
    heard_at: datetime | None = None
    silence: str = ""


async def signs_of(client: Client, account: str) -> tuple[Sign, ...]:
    """The last sign of everybody who serves or has served one of our queues; RPCError."""
    found: list[Sign] = []
    for door, kind in _TYPES.items():
        queue = door.queue(account)
        described = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace,
                task_queue=TaskQueue(name=queue),
                task_queue_type=kind,
            ),
            timeout=ANSWER_WITHIN,
        )
        builds = {
            poller.identity: poller.worker_version_capabilities.build_id
            for poller in described.pollers
        }
        listed = await client.workflow_service.list_workers(
            ListWorkersRequest(namespace=client.namespace, query=f'TaskQueue="{queue}"'),
            timeout=ANSWER_WITHIN,
        )
        found += (
            Sign(
                door=door,
                key=sign.worker_instance_key,
                identity=sign.worker_identity,
                build=builds.get(sign.worker_identity, ""),
                at=sign.heartbeat_time.ToDatetime(tzinfo=UTC),
            )
            for sign in (info.worker_heartbeat for info in listed.workers_info)
        )
    return tuple(found)


def living(earlier: Iterable[Sign], later: Iterable[Sign]) -> tuple[Sign, ...]:
    """Whoever has given another sign since."""
    before = {(each.door, each.key): each.at for each in earlier}
    return tuple(each for each in later if each.at != before.get((each.door, each.key)))


def judge_queues(
    earlier: Iterable[Sign], later: Iterable[Sign], account: str, now: datetime
) -> Iterator[Finding]:
    """Who serves each queue: whoever has given another sign between the two looks."""
    alive = living(earlier, later)
    for door in Door:
        queue = door.queue(account)
        serving = [each for each in alive if each.door is door]
        if not serving:
            role = _ROLES[door]
            remedy = f"`backstay up` starts one, or `backstay worker --role {role}`"
            also = "; one that stands by serves nothing" if role == "broker" else ""
            yield failed(Area.WORKERS, door.value, f"nobody serves {queue}", f"{remedy}{also}.")
            continue
        served = "; ".join(_words(each, now) for each in serving)
        others = sorted({each.build for each in serving} - {BUILD, ""})
        if others:
            text = f"{served}; this is build {BUILD}"
            yield noted(
                Area.WORKERS, door.value, text, "Restart what runs, so that all are the same."
            )
        else:
            yield passed(Area.WORKERS, door.value, served)


def _words(sign: Sign, now: datetime) -> str:
    age = max((now - sign.at).total_seconds(), 0.0)
    build = f", build {sign.build}" if sign.build else ""
    return f"{sign.identity}{build}, seen {age:.0f} s ago"


def judge_health(visited: Visited) -> Iterator[Finding]:
    """Whether a part that runs here is well, in its own words."""
    subject, report = f"{visited.part.value} health", visited.report
    if report is None:
        found = f"{visited.address} does not answer: {visited.silence}"
        remedy = f"Look into its log in the data folder; `backstay up` keeps {visited.part} alive."
        yield failed(Area.WORKERS, subject, found, remedy)
        return
    for trouble in report.trouble:
        yield failed(Area.WORKERS, subject, trouble, "Its log in the data folder says more.")
    if report.unattended:
        remedy = "Start the broker worker, and see that it has its session."
        yield failed(Area.WORKERS, subject, report.unattended, remedy)
    if not report.trouble and not report.unattended:
        calls = "takes calls" if report.takes_calls else "stands by"
        yield passed(Area.WORKERS, subject, f"{visited.address} is well and {calls}")


def read_health(body: bytes) -> HealthReport | None:
    """A page of health, or None if it is none."""
    try:
        return read_report(body)
    except ValidationError:
        return None


def judge_clock(subject: str, at: datetime | None, machine: datetime | None) -> Finding:
    """Whether another clock agreed with this machine's at one moment; it may tell whole seconds
    only.
    """
    if at is None or machine is None:
        return unreached(Area.CLOCKS, subject, "nobody has told its time")
    ahead = at - machine
    if at.microsecond == 0:
        ahead += _HALF_A_SECOND
    if abs(ahead) <= CLOCK_DIFFERENCE_MAX:
        agreed = f"agrees with this machine within {CLOCK_DIFFERENCE_MAX.seconds} s"
        return passed(Area.CLOCKS, subject, agreed)
    way = "ahead of" if ahead > timedelta(0) else "behind"
    found = f"about {abs(ahead.total_seconds()):.1f} s {way} this machine's"
    return failed(
        Area.CLOCKS, subject, found, "Have the clocks of all machines kept by a time server."
    )
