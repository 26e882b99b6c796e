"""What `backstay orders` shows, as values: the orders as the edge knows them; where the edge is
silent, the entries that the engine can't tell of.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from backstay.cli.live.asking import codes_of
from backstay.domain.edge.ordered import KnownOrder, OrdersPage, OrderState, StrangeOrder
from backstay.domain.ids import trade_id
from backstay.domain.limits.facts import AccountKind
from backstay.domain.trade.naming import Name


@dataclass(frozen=True, slots=True)
class UnknownTrade:
    """A trade that waits to learn what became of its entry, as the engine has it."""

    plan_id: str
    trade: str
    symbol: str
    side: str
    why: str


@dataclass(frozen=True, slots=True)
class OrdersReport:
    """The orders that were asked for. `unknown` counts all of which nobody can tell, shown or not,
    `others` is empty where only a trade's own, or unknown ones, are asked for. `plan_ids` are those
    that are known of the trades in it, by their code.
    """

    account: str
    kind: AccountKind
    page: OrdersPage | None
    edge_trouble: str
    engine_trouble: str
    unknown: int
    orders: tuple[KnownOrder, ...]
    others: tuple[StrangeOrder, ...]
    trades: tuple[UnknownTrade, ...] = ()
    plan_ids: tuple[tuple[str, str], ...] = ()
    more: bool = False

    @property
    def cannot_tell(self) -> bool:
        """Whether nobody has said which orders there are, nor that any of them is unknown."""
        return self.page is None and not self.unknown


def from_edge(
    account: str,
    kind: AccountKind,
    page: OrdersPage,
    plan_ids: Collection[str],
    name: Name | None,
    *,
    only_unknown: bool,
) -> OrdersReport:
    """What the edge says, as far as it was asked for."""
    is_wanted = _wanted(account, name)
    named = {trade_id(account, each): each for each in plan_ids}
    if name is not None and name.plan_id is not None:
        named.setdefault(trade_id(account, name.plan_id), name.plan_id)
    shown = tuple(
        order
        for order in page.orders
        if is_wanted(order.key.trade) and not (only_unknown and not _is_unknown(order))
    )
    unknown = sum(_is_unknown(each) for each in page.orders if is_wanted(each.key.trade))
    return OrdersReport(
        account=account,
        kind=kind,
        page=page,
        edge_trouble="",
        engine_trouble="",
        unknown=page.unknown if name is None else unknown,
        orders=shown,
        others=page.foreign if name is None and not only_unknown else (),
        plan_ids=tuple(sorted(named.items())),
        more=page.total > len(page.orders) + len(page.foreign),
    )


def from_engine(
    account: str,
    kind: AccountKind,
    edge_trouble: str,
    trades: tuple[UnknownTrade, ...],
    engine_trouble: str,
    name: Name | None,
) -> OrdersReport:
    """What is known without the edge: the entries that trades wait to learn of."""
    is_wanted = _wanted(account, name)
    shown = tuple(each for each in trades if is_wanted(each.trade))
    return OrdersReport(
        account=account,
        kind=kind,
        page=None,
        edge_trouble=edge_trouble,
        engine_trouble=engine_trouble,
        unknown=len(shown),
        orders=(),
        others=(),
        trades=shown,
        plan_ids=tuple(sorted((each.trade, each.plan_id) for each in shown)),
    )


def _is_unknown(order: KnownOrder) -> bool:
    return order.state is OrderState.UNKNOWN


def _wanted(account: str, name: Name | None) -> Callable[[str], bool]:
    """Whether a trade is meant."""
    if name is None:
        return lambda _: True
    codes = codes_of(account, name)
    return lambda trade: trade in codes
