"""An engine to which something happens in its first lives, and which is a real one from then on."""

from pathlib import Path

from workers import embedded

PANIC = """\
echo 'bind: address already in use' >&2
echo 'panic: nil pointer' >&2
for line in $(seq 5000); do echo "main.go:$line +0x8e" >&2; done
exit 2"""
"""With much more to be read about where it stood than a pipe holds."""

WORDLESS = "exit 1"


def unlucky_engine(folder: Path, lives_before: int, last_act: str) -> Path:
    """The program. Of each life, what it was told stands in the folder."""
    program = folder / "unlucky"
    program.write_text(
        "#!/bin/sh\n"
        f'echo "$@" >> {folder}/lives\n'
        f'[ $(wc -l < {folder}/lives) -gt {lives_before} ] && exec {embedded.BINARY} "$@"\n'
        f"{last_act}\n"
    )
    program.chmod(0o755)
    return program


def lives(folder: Path) -> list[list[str]]:
    """The words that each life was told."""
    return [line.split() for line in (folder / "lives").read_text().splitlines()]
