"""Draws the pictures of the documents from today's build: `make pictures`.

The demo is told first, as text. Then a house is begun in a terminal as a trader begins it, a plan
is handed in, its stop fires, its limit is run over, and the rest leaves at the market. What the
terminal shows is taken as it is, with its colours; the engine's page for people is taken by a
browser. It needs tmux and Chromium.
"""

import asyncio
import html
import io
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from backstay.domain.trade.naming import workflow_id
from backstay.lab.showcase.premises import ACCOUNT
from tests.cli.cases import BACKSTAY
from tests.process.lodging import OWN_ENVIRONMENT, Lodging, lodging, until

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures"
PLAN = ROOT / "examples" / "demo" / "overrun.toml"
PLAN_ID = "msft-overrun"
RUN_OVER = ("sell 50 LMT", "sell 30 MKT")
"""How the way out has to be told: the limit, and then the last rung."""

BYTES_MAX = 250_000
DEMO_SECONDS_MAX = 300
COLUMNS = 100
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_SECONDS_MAX = 90
ROW_HEIGHT, COLUMN_WIDTH = 24.4, 12.2
SCALE = 0.75
"""How large everything is drawn; a picture that is too heavy has no place in a repository."""

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--hide-scrollbars", f"--force-device-scale-factor={SCALE}"),
)


class CannotDrawError(Exception):
    """Something that is needed is not there; the message is one line."""


def tools() -> tuple[str, str]:
    """Tmux and a browser."""
    tmux = shutil.which("tmux")
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if tmux is None or browser is None:
        raise CannotDrawError(
            "pictures take tmux and Chromium; on Debian: apt install tmux chromium"
        )
    return tmux, browser


class Terminal:
    """A terminal of its own, which nobody sees."""

    def __init__(self, tmux: str, folder: Path) -> None:
        self._tmux = (tmux, "-S", str(folder / "tmux.socket"), "-f", "/dev/null")
        self._folder = folder

    def open(self, name: str, rows: int, *words: str) -> None:
        """Type a command in a window of so many rows, and leave what it says standing."""
        line = " ".join(words)
        self._run(
            *("new-session", "-d", "-s", name, "-x", str(COLUMNS), "-y", str(rows)),
            *("-c", str(self._folder), f"{line}; exec sleep 600"),
        )

    def shown(self, name: str) -> str:
        """What stands there, with its colours."""
        return self._run("capture-pane", "-e", "-p", "-t", name).rstrip() + "\n"

    def keys(self, name: str, *keys: str) -> None:
        """Press keys."""
        self._run("send-keys", "-t", name, *keys)

    def close(self) -> None:
        """End it, with everything that still runs in it."""
        with suppress(subprocess.CalledProcessError):
            self._run("kill-server")

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            (*self._tmux, *words), check=True, capture_output=True, text=True, timeout=30
        )
        return done.stdout


class Browser:
    """Takes pictures of pages."""

    def __init__(self, program: str) -> None:
        self._program = program

    def take(self, address: str, file: Path, width: int, height: int) -> None:
        """A picture of a page, as small as it can be."""
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            subprocess.run(
                (
                    *(self._program, *FLAGS, f"--user-data-dir={profile}"),
                    *(f"--window-size={width},{height}", "--virtual-time-budget=15000"),
                    *(f"--screenshot={file}", address),
                ),
                check=True,
                capture_output=True,
                timeout=BROWSER_SECONDS_MAX,
            )


class Shot(NamedTuple):
    """What a terminal showed, with its colours, and after which command."""

    name: str
    title: str
    captured: str


def _terminal_page(shot: Shot) -> tuple[str, int, int]:
    """A terminal as a page, and how large it is."""
    text, title = Text.from_ansi(shot.captured), shot.title
    rows = len(shot.captured.splitlines())
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(text, soft_wrap=True)
    drawing = console.export_svg(title=title, theme=MONOKAI)
    style = "<style>body{margin:0} svg text{font-family:'DejaVu Sans Mono',monospace!important}"
    width = round(COLUMNS * COLUMN_WIDTH) + 20
    return (
        f"<!doctype html><title>{html.escape(title)}</title>{style}</style>{drawing}",
        width,
        round(rows * ROW_HEIGHT) + 60,
    )


class Studio:
    """Where pictures are taken and kept."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser = browser
        self._folder = folder

    def terminal(self, shot: Shot) -> None:
        """The picture of a terminal, and its text beside it."""
        page, width, height = _terminal_page(shot)
        file = self._folder / f"{shot.name}.html"
        file.write_text(page, "utf-8")
        self.page(shot.name, file.as_uri(), width, height)
        plain = Text.from_ansi(shot.captured).plain.rstrip()
        (PICTURES / f"{shot.name}.txt").write_text(f"{plain}\n", "utf-8")

    def page(self, name: str, address: str, width: int, height: int) -> None:
        """The picture of a page."""
        file = PICTURES / f"{name}.png"
        self._browser.take(address, file, width, height)
        size = file.stat().st_size
        if size > BYTES_MAX:
            raise CannotDrawError(f"{file}: {size} bytes, more than {BYTES_MAX}")
        sys.stdout.write(f"{file.relative_to(ROOT)}: {size // 1000} KB\n")


async def _trade(house: Lodging, terminal: Terminal) -> list[Shot]:
    """From the plan to flat, and what the terminal shows at each turn."""
    await house.price("MSFT", "476.00")
    shutil.copy(PLAN, house.folder / "msft.toml")
    handed_in = await house.typed("trade", "submit", "msft.toml")
    if handed_in.exit_code:
        raise CannotDrawError(handed_in.err or handed_in.out)
    await house.edge("a position that is watched", lambda edge: edge.guarded > 0)
    await house.price("MSFT", "476.30")
    terminal.open("watch", 9, str(BACKSTAY), "trade", "watch")
    await _shows(terminal, "watch", PLAN_ID)
    await house.price("MSFT", "475.90")
    shots = [
        Shot("trade-watch", "backstay trade watch", terminal.shown("watch")),
        Shot("up", "backstay up", terminal.shown("up")),
    ]
    await house.price("MSFT", "474.10")
    # Twenty are bid at the limit itself: a better bid would fill all, a worse one go to the market.
    for price in ("471.40", "471.07"):
        await house.price("MSFT", price, bid_size=20)
    await _placed(house, "0:XS:1")
    await house.price("MSFT", "469.50")
    await house.settled(PLAN_ID)
    terminal.open("show", 60, str(BACKSTAY), "trade", "show", PLAN_ID)
    await _shows(terminal, "show", "look at")
    told = terminal.shown("show")
    for rung in RUN_OVER:
        if rung not in told:
            raise CannotDrawError(f"{PLAN_ID} did not leave by {rung!r}; draw once more")
    return [*shots, Shot("trade-show", f"backstay trade show {PLAN_ID}", told)]


def tell_demo() -> None:
    """What the demo prints, if every check of it holds: in a file it is as wide as a page."""
    told = subprocess.run(
        (BACKSTAY, "demo", "--once"),
        check=False,
        capture_output=True,
        text=True,
        timeout=DEMO_SECONDS_MAX,
        env=OWN_ENVIRONMENT,
    )
    if told.returncode:
        raise CannotDrawError(f"the demo does not hold\n{told.stdout}{told.stderr}")
    file = PICTURES / "demo.txt"
    file.write_text(told.stdout, "utf-8")
    sys.stdout.write(f"{file.relative_to(ROOT)}\n")


async def _history(house: Lodging) -> str:
    """Where the engine shows what happened to the trade."""
    trade = quote(workflow_id(ACCOUNT, PLAN_ID), safe="")
    run_id = await house.run_id(PLAN_ID)
    page = f"namespaces/default/workflows/{trade}/{run_id}/history"
    return f"http://127.0.0.1:{house.place.ui_port}/{page}"


async def _placed(house: Lodging, order: str) -> None:
    """Wait until the gateway has read it."""

    async def met() -> bool:
        return f':{order}"' in house.place.data.audit.read_text("utf-8")

    await until(f"the order {order}", met)


async def _shows(terminal: Terminal, name: str, text: str) -> None:
    async def met() -> bool:
        return text in terminal.shown(name)

    await until(f"{text!r} to be shown", met)


async def draw() -> None:
    """All of them."""
    tmux, program = tools()
    PICTURES.mkdir(exist_ok=True)
    tell_demo()
    async with lodging() as house:
        terminal = Terminal(tmux, house.folder)
        with tempfile.TemporaryDirectory() as folder:
            try:
                terminal.open("up", 27, *house.up)
                await house.begun()
                studio = Studio(Browser(program), Path(folder))
                for shot in await _trade(house, terminal):
                    studio.terminal(shot)
                studio.page("web-ui", await _history(house), 1400, 1250)
                terminal.keys("up", "C-c")
                await _shows(terminal, "up", "nothing is left running")
            except AssertionError as error:
                raise CannotDrawError(f"{error}\n{terminal.shown('up')}") from None
            finally:
                terminal.close()


if __name__ == "__main__":
    try:
        asyncio.run(draw())
    except CannotDrawError as error:
        sys.exit(str(error))
