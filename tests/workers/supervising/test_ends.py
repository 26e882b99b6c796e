"""How a process has ended, in one line: by what tells why, not by what stands last."""

import pytest

from workers.supervising.ends import End, LastWords, last_words

PANIC = """\
panic: failed assigning ephemeral port: dial tcp 127.0.0.1:40000: cannot assign requested address

goroutine 1 [running]:
example.com/engine.MustGetFreePort({0x7ffd0af28ab0?, 0xad484382db0?})
\t/home/built/freeport.go:89 +0x73
main.main()
\t/home/built/main.go:18 +0x8e
"""
PANIC_LINE = PANIC.splitlines()[0]
COMPLAINT = 'level=ERROR msg="no listener" error="bind: address already in use"'
NIL = "panic: runtime error: invalid memory address or nil pointer dereference"
FOLLOWED = f"""\
level=WARN msg="something else"
{COMPLAINT}
{NIL}
[signal SIGSEGV: segmentation violation code=0x1 addr=0x20 pc=0xa69a6c]
\tpanic: another one, while the first was told

goroutine 2403 [running]:
\t/home/built/service.go:94 +0x299
"""
GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "worker.py", line 8, in <module>
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "worker.py", line 4, in beat
    | RuntimeError: the beat has stopped
    +------------------------------------
"""


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("", ""),
        (" \n\n", ""),
        ("first\nlast \n\n \n", "last"),
        (PANIC, PANIC_LINE),
        (PANIC.replace("panic: ", "fatal error: "), PANIC_LINE.replace("panic: ", "fatal error: ")),
        (FOLLOWED, f"{NIL}; just before: {COMPLAINT}"),
        ("no panic: none\nall is well", "all is well"),
        (GROUP, "RuntimeError: the beat has stopped"),
    ],
)
def test_why_it_ended_is_the_line_of_its_panic_or_else_the_last_one_that_says_something(
    said: str, words: str
) -> None:
    assert last_words(said.splitlines(keepends=True)) == words
    heard = LastWords()
    for line in said.splitlines():
        heard.hear(line)
    assert heard.text == words


@pytest.mark.parametrize(
    ("end", "text"),
    [
        (End(0), "exit code 0"),
        (End(3, "no engine answers here"), "exit code 3: no engine answers here"),
        (End(-9), "killed by SIGKILL"),
        (End(-15, "not heard"), "killed by SIGTERM"),
    ],
)
def test_an_end_is_one_line(end: End, text: str) -> None:
    assert str(end) == text


@pytest.mark.parametrize(
    ("end", "is_mischance"),
    [
        (End(2, PANIC_LINE), True),
        (End(2, "fatal error: concurrent map writes"), True),
        (End(1, "Error: can't set UI port 1: bind: address already in use"), True),
        (End(2, "127.0.0.1:7497: Address already in use"), True),
        (End(1), True),
        (End(1, "Error: failed starting server: file is not a database (26)"), False),
        (End(2, "bad.tape: line 1: nonsense"), False),
        (End(0), False),
        (End(-9), False),
        (End(-9, PANIC_LINE), False),
    ],
)
def test_a_panic_a_port_that_is_gone_and_no_word_at_all_are_a_mischance(
    end: End, *, is_mischance: bool
) -> None:
    assert end.is_mischance is is_mischance
