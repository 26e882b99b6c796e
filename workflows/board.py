"""Where a trade shows how it stands.

Owns the one standing of a workflow and the three places in which it is seen: the query, the details
in the Web UI, and the search attributes, which cost an event each and so are only renewed where the
state of the trade has changed.
"""

from decimal import Decimal

from temporalio import workflow
from temporalio.common import SearchAttributeKey

with workflow.unsafe.imports_passed_through():
    from backstay.domain.trade import attributes
    from backstay.domain.trade.pages import page
    from backstay.domain.trade.progress import after_telling
    from backstay.domain.trade.standing import TradeStanding

STATE = SearchAttributeKey.for_keyword(attributes.STATE)
OPEN_QUANTITY = SearchAttributeKey.for_float(attributes.OPEN_QUANTITY)


class Board:
    """The standing of one trade."""

    def __init__(self, standing: TradeStanding) -> None:
        self.standing = standing
        self._marked: tuple[str, Decimal] | None = None

    def show(self, standing: TradeStanding) -> None:
        """This is how it stands now."""
        self.standing = standing
        workflow.set_current_details(page(standing))

    def tell(self, text: str) -> None:
        """A person is told this of it."""
        self.show(after_telling(self.standing, text))

    def mark(self) -> None:
        """Have the trade found by how it stands now."""
        mark = self.standing.lifecycle.state.value, self.standing.left
        if mark != self._marked:
            self._marked = mark
            state, left = mark
            workflow.upsert_search_attributes(
                [STATE.value_set(state), OPEN_QUANTITY.value_set(float(left))]
            )
