"""Clocks, randomness and sleeps stand only at their seams.

A decision that reads a clock or a die by itself can't be replayed. The rule follows imports and
their aliases; `SEAMS` names each module that may touch the real thing, and which part of it.
"""

import ast
from collections.abc import Iterator, Mapping

from tests.tidy.sources import Source

SEAMS: Mapping[str, frozenset[str]] = {
    "backstay/gateway/chance.py": frozenset({"random.Random"}),
    "backstay/gateway/server/clock.py": frozenset({"time.monotonic_ns", "time.time_ns"}),
    "backstay/lab/benches/edge/cancel_behind.py": frozenset({"time.perf_counter"}),
    "backstay/lab/benches/edge/ladder_cost.py": frozenset({"time.perf_counter"}),
    "backstay/lab/benches/edge/peer.py": frozenset({"time.perf_counter"}),
    "backstay/lab/benches/market_data.py": frozenset({"time.perf_counter"}),
    "backstay/lab/benches/memory.py": frozenset({"time.perf_counter"}),
    "backstay/lab/simulation/seeds.py": frozenset({"random.Random"}),
    "workers/clock.py": frozenset({"time.time_ns"}),
}

BANNED_CALLS = frozenset(
    {
        "datetime.date.today",
        "datetime.datetime.now",
        "datetime.datetime.today",
        "datetime.datetime.utcnow",
        "os.getrandom",
        "os.urandom",
        "time.gmtime",
        "time.localtime",
        "time.monotonic",
        "time.monotonic_ns",
        "time.perf_counter",
        "time.perf_counter_ns",
        "time.sleep",
        "time.time",
        "time.time_ns",
        "uuid.uuid1",
        "uuid.uuid4",
    }
)
BANNED_MODULES = frozenset({"random", "secrets"})


def findings(source: Source, seams: Mapping[str, frozenset[str]] = SEAMS) -> Iterator[str]:
    """Each use of a clock, of randomness or of a sleep outside its seam."""
    allowed = seams.get(source.path, frozenset())
    for name, line in sorted(_uses(source.tree), key=lambda use: use[1]):
        if name not in allowed:
            yield source.at(line, f"{name} is used outside its seam; take it as an argument")


def idle_seams(source: Source, seams: Mapping[str, frozenset[str]] = SEAMS) -> frozenset[str]:
    """What the table allows a module that the module doesn't use."""
    used = {name for name, _ in _uses(source.tree)}
    return seams.get(source.path, frozenset()) - used


def _uses(tree: ast.Module) -> set[tuple[str, int]]:
    origins = _origins(tree)
    return {
        (name, node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name)
        and (name := _dotted(node, origins))
        and _is_banned(name)
    }


def _is_banned(name: str) -> bool:
    module, dot, _ = name.partition(".")
    return name in BANNED_CALLS or (bool(dot) and module in BANNED_MODULES)


def _origins(tree: ast.Module) -> dict[str, str]:
    """The local names that imports bind, and where each comes from."""
    origins: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.partition(".")[0]
                origins[alias.asname or root] = alias.name if alias.asname else root
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                origins[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return origins


def _dotted(node: ast.expr, origins: Mapping[str, str]) -> str | None:
    match node:
        case ast.Name(id=name):
            return origins.get(name)
        case ast.Attribute(value=value, attr=attribute):
            owner = _dotted(value, origins)
            return f"{owner}.{attribute}" if owner else None
        case _:
            return None
