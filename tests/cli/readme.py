"""What the documents show of commands and files, drawn anew from those themselves.

`.venv/bin/python -m tests.cli.readme` writes the documents with what is printed now. A command's
output is shown if something stands below it; an excerpt of the rehearsal names its first and its
last time; a block below the name of a file is the file's own text; a story is what `make pictures`
has captured of the demo.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.cli.typed import Typed, typed

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
DOCUMENTS = (README, ROOT / "docs" / "gateway.md", ROOT / "docs" / "rehearsal.md")

_FENCE = re.compile(r"(?ms)^```(?P<language>\w+)\n(?P<content>.*?)^```$")
_EXCERPT = re.compile(
    r"(?ms)^<!-- excerpt of the rehearsal, from (?P<first>[\d:.]+) to (?P<last>[\d:.]+) -->\n"
    r"```text\n.*?^```$"
)
_FILE = re.compile(r"(?ms)^<!-- (?P<path>examples/[\w./-]+) -->\n```(?P<language>\w+)\n.*?^```$")
_CAPTURE = re.compile(
    r"(?ms)^<!-- story (?P<number>\d) of (?P<path>docs/pictures/[\w./-]+) -->\n```text\n.*?^```$"
)
_BACKSTAY = ".venv/bin/backstay "


def commands(text: str) -> tuple[str, ...]:
    """Every command that a document tells its reader to type, in sequence."""
    lines = (line for fence in _FENCE.finditer(text) for line in fence["content"].splitlines())
    return tuple(line.removeprefix("$ ") for line in lines if line.startswith("$ "))


def is_ours(command: str) -> bool:
    """Whether it is one of Backstay's own."""
    return command.startswith(_BACKSTAY)


def run(command: str) -> Typed:
    """One of Backstay's own commands, in this process."""
    return typed(*command.removeprefix(_BACKSTAY).split())


def redrawn(text: str) -> str:
    """A document with what the commands print and the files hold now."""
    with_excerpts = _CAPTURE.sub(_capture, _EXCERPT.sub(_excerpt, text))
    return _FENCE.sub(_fence, _FILE.sub(_file, with_excerpts))


def _fence(fence: re.Match[str]) -> str:
    if fence["language"] != "console":
        return fence[0]
    return f"```console\n{''.join(_console(fence['content']))}```"


def _file(block: re.Match[str]) -> str:
    text = (ROOT / block["path"]).read_text("utf-8")
    return f"<!-- {block['path']} -->\n```{block['language']}\n{text}```"


def _console(content: str) -> Iterator[str]:
    for part in re.split(r"(?m)^(?=\$ )", content):
        line, _, output = part.partition("\n")
        if line:
            yield f"{line}\n"
        if output:
            yield run(line.removeprefix("$ ")).out


def _excerpt(excerpt: re.Match[str]) -> str:
    """The lines between two times; one that is wrapped goes with the line that it belongs to."""
    lines = run(f"{_BACKSTAY}rehearse").lines
    first, last = excerpt["first"], excerpt["last"]
    start = next(at for at, line in enumerate(lines) if line.startswith(first))
    end = max(at for at, line in enumerate(lines) if line.startswith(last))
    shown = "\n".join(lines[start : end + 1])
    return f"<!-- excerpt of the rehearsal, from {first} to {last} -->\n```text\n{shown}\n```"


def _capture(capture: re.Match[str]) -> str:
    """One story of a demo, as a terminal has shown it."""
    number, path = int(capture["number"]), capture["path"]
    text = (ROOT / path).read_text("utf-8")
    start = text.index(f"\n{number}  ") + 1
    end = text.index("\n\n", text.index("  orders ", start))
    return f"<!-- story {number} of {path} -->\n```text\n{text[start:end]}\n```"


if __name__ == "__main__":
    for document in DOCUMENTS:
        document.write_text(redrawn(document.read_text("utf-8")), "utf-8")
