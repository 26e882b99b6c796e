"""What is measured, in turns: each contender a few times, then the next, again and again.

So whatever else the machine does falls on all of them alike, and the ratios mean something.
"""

import asyncio
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import cycle

from backstay.gateway.agenda import Agenda
from backstay.gateway.chance import Chance, Dice
from backstay.gateway.gateway import Gateway, Outlets
from backstay.gateway.market.catalogue import CATALOGUE
from backstay.gateway.market.market import Market
from backstay.gateway.market.tape import parse
from backstay.gateway.market.words import Instrument
from backstay.gateway.server.clock import BrokerClock
from backstay.gateway.settings import AccountSettings, Settings
from backstay.gateway.times import to_ns
from backstay.gateway.values.contract import Contract
from backstay.lab.benches.edge import seats
from backstay.lab.benches.edge.cancel_behind import cancel_seconds
from backstay.lab.benches.edge.contenders import ACCOUNT, COMMANDS, READY_SECONDS_MAX, Contender
from backstay.lab.benches.edge.figures import Report, report
from backstay.lab.benches.edge.ladder_cost import seconds_per_tick
from backstay.lab.benches.edge.peer import START, Peer
from backstay.lab.benches.edge.seats import Seat

RATES = (0, 5_000, 20_000)
FIRES_A_TURN = 8
LEAD_SECONDS = (0.04, 0.08)
BURST_BYTES = 256 * 1024
BURSTS = 9
ARMED = (10, 10_000)
LADDER_TURNS = 15
SEED = 7
APART_SECONDS = 1.2
"""How far apart two entries in one symbol are: as far as the limits ask for, and a lead more."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Pair:
    """A contender and the other side of its wire."""

    peer: Peer
    contender: Contender
    seats: Iterator[Seat]
    """Whose trigger is next."""

    def next_contract(self, pairs: "list[_Pair]") -> int:
        """Whose trigger to fire now: of a symbol in which an entry may leave again."""
        seat = next(self.seats)
        while not self.peer.takes_turn(seat.symbol, APART_SECONDS):
            _serve_all(pairs)
        return seat.con_id


def run(fires: int, say: Say) -> Report:
    """Measure everything; `fires` times each contender at each rate."""
    random = Chance(SEED).of("bench")
    chosen = _seats()
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[0]})
    pairs: list[_Pair] = []
    try:
        for number, name in enumerate(COMMANDS, 1):
            say(f"starting {name}")
            pairs.append(_started(name, number, chosen, random, cores[-1]))
        seconds = _latencies(pairs, fires, random, say)
        say("bursts")
        bursts = _bursts(pairs, random)
    finally:
        for pair in pairs:
            pair.contender.stop()
        os.sched_setaffinity(0, set(cores))
    say("the ladder")
    return report(seconds, bursts, asyncio.run(_ladder()), asyncio.run(cancel_seconds()))


def _started(name: str, number: int, chosen: list[Seat], random: Dice, core: int) -> _Pair:
    gateway = Gateway(
        Settings(
            seed=SEED,
            accounts=(AccountSettings(ACCOUNT, Decimal(10**9)),),
            restart_at=None,
            data_lines_max=seats.CONTRACTS,
        ),
        to_ns(START),
        tape=parse(_still()),
        outlets=Outlets(_ignore, _ignore, _ignore),
    )
    peer = Peer(name, gateway, BrokerClock(to_ns(START)), random)
    contender = Contender(name, peer.port, number, chosen, core)
    try:
        peer.accept(READY_SECONDS_MAX)
        peer.serve_until(lambda: contender.is_ready, READY_SECONDS_MAX)
        peer.serve_for(1.0)
    except BaseException:
        contender.stop()
        raise
    return _Pair(peer, contender, cycle(_by_turns(chosen)))


def _latencies(
    pairs: list[_Pair], fires: int, random: Dice, say: Say
) -> dict[tuple[str, int], list[float]]:
    seconds: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    turns = -(-fires // FIRES_A_TURN)
    for turn in range(turns):
        say(f"turn {turn + 1} of {turns}")
        for rate in RATES:
            for pair in random.sample(pairs, len(pairs)):
                for _ in range(FIRES_A_TURN):
                    con_id = pair.next_contract(pairs)
                    lead = random.uniform(*LEAD_SECONDS)
                    seconds[pair.peer.name, rate].append(pair.peer.fire(con_id, rate, lead))
                    _serve_all(pairs)
    return dict(sorted(seconds.items(), key=lambda each: (each[0][1], each[0][0])))


def _bursts(pairs: list[_Pair], random: Dice) -> dict[str, list[float]]:
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    for _ in range(BURSTS):
        for pair in random.sample(pairs, len(pairs)):
            con_id = pair.next_contract(pairs)
            seconds[pair.peer.name].append(pair.peer.burst(con_id, BURST_BYTES))
            _serve_all(pairs)
    return dict(seconds)


def _serve_all(pairs: list[_Pair]) -> None:
    """Nobody's connection may seem dead while another is measured."""
    for pair in pairs:
        pair.peer.serve_for(0.002)


async def _ladder() -> dict[int, list[float]]:
    measures = {armed: await seconds_per_tick(armed) for armed in ARMED}
    seconds: dict[int, list[float]] = {armed: [] for armed in ARMED}
    for _ in range(LADDER_TURNS):
        for armed, measure in measures.items():
            seconds[armed].append(next(measure))
    return seconds


def _still() -> str:
    """A tape on which every stock stays where its options think it is."""
    market = Market(Agenda(to_ns(START)), Chance(SEED))
    quotes = {each.symbol: market.quote(each.con_id) for each in CATALOGUE}
    return "\n".join(
        f"+0 {symbol} bid={quote.bid} ask={quote.ask} bid_size=500 ask_size=500"
        f" last={quote.last} last_size=100"
        for symbol, quote in quotes.items()
        if quote.bid is not None
    )


def _seats() -> list[Seat]:
    """Every stock, and options on them around the money until there are enough."""
    market = Market(Agenda(to_ns(START)), Chance(SEED))
    stocks = [each for each in CATALOGUE if each.sec_type == "STK"]
    chosen = [_seat(instrument) for each in stocks for instrument in _found(market, each.symbol)]
    for stock in stocks:
        price = market.quote(stock.con_id).last or Decimal(100)
        for chain in market.chains(stock.con_id, stock.symbol)[:1]:
            near = sorted(chain.strikes, key=lambda strike: abs(strike - price))[:4]
            for strike in near:
                options = _options(market, stock.symbol, chain.expiries[3], strike)
                chosen.extend(_seat(option) for option in options)
    return chosen[: seats.CONTRACTS]


def _by_turns(chosen: list[Seat]) -> list[Seat]:
    """The seats in an order in which a symbol comes again as late as possible."""
    count: Counter[str] = Counter()
    ranked = []
    for seat in chosen:
        ranked.append((count[seat.symbol], seat.symbol, seat))
        count[seat.symbol] += 1
    return [seat for _, _, seat in sorted(ranked, key=lambda each: each[:2])]


def _found(market: Market, symbol: str) -> tuple[Instrument, ...]:
    return market.find(Contract(symbol=symbol, sec_type="STK", exchange="SMART", currency="USD"))


def _options(market: Market, symbol: str, expiry: str, strike: Decimal) -> tuple[Instrument, ...]:
    wanted = Contract(symbol=symbol, sec_type="OPT", expiry=expiry, strike=strike, exchange="SMART")
    return market.find(wanted)


def _seat(instrument: Instrument) -> Seat:
    contract = instrument.contract
    expiry = contract.expiry
    return Seat(
        contract.con_id,
        contract.symbol,
        contract.sec_type,
        contract.exchange,
        contract.currency,
        f"{expiry[:4]}-{expiry[4:6]}-{expiry[6:]}" if expiry else "",
        str(contract.strike) if contract.sec_type == "OPT" else "",
        contract.right,
    )


def _ignore(_line: str) -> None:
    pass
