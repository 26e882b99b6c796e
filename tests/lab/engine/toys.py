"""Small workflows that do what ours do not do yet, each one thing at a bad moment."""

import asyncio
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy, SearchAttributeKey
from temporalio.exceptions import ActivityError, ApplicationError, ChildWorkflowError
from temporalio.workflow import ActivityCancellationType as Calling
from temporalio.workflow import ChildWorkflowCancellationType as Bearing
from temporalio.workflow import ParentClosePolicy

SECOND = timedelta(seconds=1)
MARK = SearchAttributeKey.for_keyword("BackstayState")


@workflow.defn(name="Calls")
class Calls:
    """Calls an activity off at a bad moment."""

    def __init__(self) -> None:
        self.heard = 0

    @workflow.signal(name="go")
    def go(self) -> None:
        self.heard += 1

    @workflow.run
    async def run(self, how: int, is_at_once: bool) -> str:
        call = workflow.start_activity(
            "linger",
            start_to_close_timeout=60 * SECOND,
            heartbeat_timeout=10 * SECOND,
            cancellation_type=Calling(how),
            retry_policy=RetryPolicy(maximum_attempts=1),
        )
        await asyncio.sleep(0)
        if not is_at_once:
            await workflow.wait_condition(lambda: self.heard > 0)
        call.cancel()
        try:
            told = await call
        except ActivityError as error:
            told = type(error.cause).__name__
        await workflow.wait_condition(lambda: self.heard > 1)
        return str(told)


@workflow.defn(name="Bears")
class Bears:
    """Calls a child off at a bad moment."""

    def __init__(self) -> None:
        self.heard = 0

    @workflow.signal(name="go")
    def go(self) -> None:
        self.heard += 1

    @workflow.run
    async def run(self, how: int, is_at_once: bool) -> str:
        async def bear() -> str:
            told: str = await workflow.execute_child_workflow(
                "Child",
                id=f"{workflow.info().workflow_id}:child",
                cancellation_type=Bearing(how),
                parent_close_policy=ParentClosePolicy.ABANDON,
            )
            return told

        child = asyncio.create_task(bear())
        if is_at_once:
            await asyncio.sleep(0)
        else:
            await workflow.wait_condition(lambda: self.heard > 0)
        child.cancel()
        try:
            told = await child
        except (ChildWorkflowError, asyncio.CancelledError) as error:
            told = type(error.__cause__ or error).__name__
        await workflow.wait_condition(lambda: self.heard > 1)
        return told


@workflow.defn(name="Child")
class Child:
    def __init__(self) -> None:
        self.is_free = False

    @workflow.signal(name="free")
    def free(self) -> None:
        self.is_free = True

    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self.is_free)
        return "grown"


@workflow.defn(name="Waits")
class Waits:
    """Timers that fire, that are called off, and that never were."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    @workflow.signal(name="say")
    def say(self, word: str) -> None:
        self.heard.append(word)

    @workflow.update(name="add")
    async def add(self, word: str) -> int:
        await workflow.sleep(SECOND)
        self.heard.append(word)
        return len(self.heard)

    @add.validator
    def check(self, word: str) -> None:
        if word == "no":
            raise ApplicationError("not that")

    @workflow.run
    async def run(self) -> list[str]:
        never = asyncio.create_task(workflow.sleep(5 * SECOND))
        await asyncio.sleep(0)
        never.cancel()
        for _ in range(3):
            try:
                count = len(self.heard)
                await workflow.wait_condition(
                    lambda count=count: len(self.heard) > count,  # type: ignore[misc]
                    timeout=3 * SECOND,
                )
            except TimeoutError:
                self.heard.append(f"nothing by {workflow.now():%H:%M:%S}")
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self.heard


@workflow.defn(name="Throws")
class Throws:
    """What it throws is thrown alike at every replay."""

    @workflow.run
    async def run(self) -> str:
        thrown = f"{workflow.random().randrange(10**12)}/{workflow.uuid4()}"
        if workflow.patched("loud"):
            thrown += "!"
        await workflow.execute_activity(
            "echo", thrown, activity_id=thrown, start_to_close_timeout=SECOND
        )
        workflow.upsert_memo({"thrown": thrown})
        assert workflow.patched("loud")
        await workflow.sleep(SECOND)
        return str(workflow.uuid4())


@workflow.defn(name="Renews")
class Renews:
    """Goes on in new histories."""

    def __init__(self) -> None:
        self.words: list[str] = []

    @workflow.signal(name="say")
    def say(self, word: str) -> None:
        self.words.append(word)

    @workflow.run
    async def run(self, rounds: int, said: list[str]) -> list[str]:
        await workflow.wait_condition(lambda: bool(self.words))
        workflow.upsert_search_attributes([MARK.value_set(f"round {rounds}")])
        await workflow.sleep(SECOND)
        said = [*said, *self.words, f"{workflow.memo_value('who')}/{workflow.random().random()}"]
        if rounds:
            workflow.continue_as_new(args=[rounds - 1, said])
        return said


@workflow.defn(name="Hurries")
class Hurries:
    """Calls an activity off that has come to its end in the same moment."""

    def __init__(self) -> None:
        self.heard = ""

    @workflow.query(name="told")
    def told(self) -> str:
        return self.heard

    @workflow.run
    async def run(self) -> str:
        call = workflow.start_activity("nap", start_to_close_timeout=60 * SECOND)
        await workflow.sleep(SECOND)
        call.cancel()
        try:
            self.heard = str(await call)
        except asyncio.CancelledError:
            self.heard = "called off"
        return self.heard


class Hands:
    @activity.defn(name="linger")
    async def linger(self) -> str:
        for _ in range(30):
            activity.heartbeat()
            await asyncio.sleep(1)
        return "over"

    @activity.defn(name="nap")
    async def nap(self) -> str:
        await asyncio.sleep(1)
        return "slept"

    @activity.defn(name="echo")
    async def echo(self, word: str) -> str:
        return word


KINDS = [Calls, Bears, Child, Waits, Throws, Renews, Hurries]
