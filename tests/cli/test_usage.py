"""What is typed wrongly is answered with one line; what is not typed at all, with help."""

import pytest

from tests.cli.typed import typed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nosuch",), "No such command 'nosuch'."),
        (("--nope",), "No such option: --nope"),
        (("plan", "check"), "Missing argument"),
        (("plan", "chek"), "No such command 'chek'."),
        (("rehearse", "--onse"), "No such option: --onse"),
        (("gateway", "--seed"), "Option '--seed' requires an argument."),
        (("gateway", "--seed", "x"), "Invalid value for '--seed'"),
    ],
)
def test_a_wrong_word_is_one_line_and_exit_code_2(words: tuple[str, ...], said: str) -> None:
    result = typed(*words)
    assert (result.out, result.exit_code) == ("", 2)
    (line,) = result.err.splitlines()
    assert line.startswith(f"Error: {said}")


@pytest.mark.parametrize("words", [(), ("plan",)])
def test_a_command_without_its_words_shows_what_there_is(words: tuple[str, ...]) -> None:
    result = typed(*words)
    assert result.exit_code == 2
    assert "Commands:" in result.out + result.err
