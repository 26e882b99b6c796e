"""Questions to workflows, which leave nothing behind.

Owns who asks whom: a question goes along with the next step where one is wanted anyway, or else by
itself to whoever has the run in memory, and to anybody soon after. A closed run answers as well.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from temporalio.api.query.v1 import WorkflowQuery
from temporalio.api.workflowservice.v1 import QueryWorkflowResponse

from backstay.lab.engine.alarms import Alarms
from backstay.lab.engine.errors import Refused, refusal
from backstay.lab.engine.queues import Poll, TaskQueue, Work
from backstay.lab.engine.runs import Prefix, Question, Run
from backstay.lab.engine.tasks import QueryAnswer, TaskGoneError, WorkflowTask
from backstay.lab.engine.wires import Call

LOYALTY_SECONDS = 1.0


class _Asked:
    """A question that goes by itself."""

    __slots__ = ("is_given", "question", "run", "whose")

    def __init__(self, run: Run, question: Question, whose: str) -> None:
        self.run = run
        self.question = question
        self.whose = whose
        self.is_given = False


class Queries:
    """Every question that is not answered."""

    def __init__(
        self, alarms: Alarms, queue: Callable[[str], TaskQueue], token: Callable[[], int]
    ) -> None:
        self._alarms = alarms
        self._queue = queue
        self._token = token
        self._count = 0
        self._given: dict[int, _Asked] = {}

    def ask(self, run: Run, query: WorkflowQuery, call: Call) -> None:
        """Have it answered by the workflow."""
        self._count += 1
        question = Question(f"query-{self._count}", query, call)
        if not run.is_closed and (run.step is not None or not run.settled):
            run.questions.append(question)
        else:
            self._by_itself(run, question)

    def of(self, run: Run) -> Sequence[Question]:
        """What is asked along with a step."""
        waiting, run.questions = run.questions, []
        return [question for question in waiting if not question.call.is_over]

    def answered(
        self, run: Run, asked: Sequence[Question], answers: Mapping[str, QueryAnswer]
    ) -> None:
        """A step is over; what was not answered along with it goes by itself."""
        for question in asked:
            if question.name in answers:
                _tell(question, answers[question.name])
            else:
                run.questions.append(question)
        if run.step is None:
            self.alone(run)

    def alone(self, run: Run) -> None:
        """No step of it is wanted: what was to go along with one goes by itself."""
        for question in self.of(run):
            self._by_itself(run, question)

    def leave(self) -> None:
        """The engine goes, and with it whoever has asked."""
        self._given.clear()

    def takes(self, token: int, answers: Mapping[str, QueryAnswer]) -> bool:
        """Take the answer to what went by itself; whether this was such a task."""
        asked = self._given.pop(token, None)
        if asked is None:
            return False
        if asked.question.call.is_over:
            raise TaskGoneError("nobody waits for this answer")
        missing = QueryAnswer(failure="the worker has not answered")
        _tell(asked.question, answers.get(asked.question.name, missing))
        return True

    def _by_itself(self, run: Run, question: Question) -> None:
        queue = self._queue(run.queue)
        asked = _Asked(run, question, run.loyalty if queue.is_served_by(run.loyalty) else "")
        if asked.whose:
            self._alarms.after(LOYALTY_SECONDS, partial(self._anybody, asked))
        self._offer(asked)

    def _offer(self, asked: _Asked) -> None:
        work = Work(
            lambda: not asked.is_given and not asked.question.call.is_over,
            partial(self._give, asked),
            lambda: asked.whose,
        )
        self._queue(asked.run.queue).offer(work)

    def _anybody(self, asked: _Asked) -> None:
        asked.whose = ""
        if not asked.is_given:
            self._queue(asked.run.queue).match()

    def _give(self, asked: _Asked, poll: Poll) -> None:
        run, question = asked.run, asked.question
        asked.is_given = True
        token = self._token()
        self._given[token] = asked
        poll.call.when_dropped = partial(self._given_back, token)
        poll.call.answer(
            WorkflowTask(
                token,
                run.name,
                run.kind,
                1,
                Prefix(run.history, run.settled),
                queries={question.name: question.query},
                is_query_only=True,
            )
        )

    def _given_back(self, token: int) -> None:
        asked = self._given.pop(token, None)
        if asked is not None:
            asked.is_given, asked.whose = False, ""
            self._offer(asked)


def _tell(question: Question, answer: QueryAnswer) -> None:
    if answer.success is None and answer.failure:
        question.call.refuse(refusal(Refused.QUERY_FAILED, answer.failure))
    else:
        question.call.answer(QueryWorkflowResponse(query_result=answer.success))
