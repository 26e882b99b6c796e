"""Words about orders that come twice, late, in another order or never."""

from backstay.domain.profile import OPTIMISTIC
from tests.broker.faults.scene import BOTH, PROMPT, Scene, in_spite_of


async def there_and_back(scene: Scene) -> None:
    """An entry, its stop, and an exit through it."""
    edge, _, guarding = await scene.guarded()
    await scene.breach(guarding)
    await scene.flat()
    await scene.sleep(10)
    assert scene.position() == 0
    assert scene.living() == []
    executions = edge.snapshot().executions
    assert sorted(booked.execution.quantity for booked in executions) == [100, 100]


@in_spite_of("status-duplicated", copies=3, profiles=(PROMPT, OPTIMISTIC))
async def test_words_that_come_again_change_nothing(scene: Scene) -> None:
    await there_and_back(scene)


@in_spite_of(
    "status-delayed",
    delay="2s",
    kinds=["PreSubmitted"],
    profiles=(PROMPT,),
    tells=("state inconsistent", "task silent"),
)
async def test_a_word_from_before_the_end_is_asked_about_and_wakes_nothing(scene: Scene) -> None:
    await there_and_back(scene)


@in_spite_of("status-delayed", delay="1s", kinds=["Cancelled"], profiles=(PROMPT,))
async def test_an_end_that_is_told_late_is_known_by_other_words(scene: Scene) -> None:
    await there_and_back(scene)


@in_spite_of("status-reordered", within="5s", profiles=(PROMPT, OPTIMISTIC))
async def test_words_in_another_order_come_to_the_same(scene: Scene) -> None:
    await there_and_back(scene)


@in_spite_of("status-missing", kinds=["Filled"], profiles=(PROMPT, OPTIMISTIC))
async def test_a_fill_is_known_by_its_execution_alone(scene: Scene) -> None:
    await there_and_back(scene)


@in_spite_of("status-missing", profiles=(PROMPT,))
async def test_everything_is_known_without_one_word_of_a_status(scene: Scene) -> None:
    await there_and_back(scene)


@in_spite_of("commission-before-execution", within="5s", profiles=BOTH)
async def test_a_commission_waits_for_its_execution(scene: Scene) -> None:
    edge, _ = await scene.held()
    await scene.sleep(5)
    (booked,) = edge.snapshot().executions
    assert booked.commission is not None


@in_spite_of("commission-missing", profiles=BOTH)
async def test_a_commission_that_was_not_told_is_read(scene: Scene) -> None:
    edge, _ = await scene.held()
    await scene.sleep(65)
    (booked,) = edge.snapshot().executions
    assert booked.commission is not None
