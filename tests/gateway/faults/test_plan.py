"""The faults file: what it can say, and the one line with which it is refused."""

from decimal import Decimal
from pathlib import Path

import pytest

from backstay.gateway.faults.plan import PlanError, load_plan, read_plan, rule
from backstay.gateway.faults.rules import Rule
from backstay.gateway.faults.scalars import Moment
from backstay.gateway.times import SECOND_NS

NOVEMBER_23_NS = 1_795_447_800 * SECOND_NS  # 2026-11-23T15:30:00Z
A_REFERENCE = 'how an order\'s reference begins, such as "bs1:6PMWYKXY:0:EN"'
A_PERIOD = 'a duration such as "500ms", "2s", "5m" or "24h"'
A_MOMENT = 'a time from the start such as "+30s", or one such as 2026-11-23T15:30:00Z'


def test_a_file_says_how_often_when_to_whom_and_how() -> None:
    text = """
    [[fault]]
    name = "status-delayed"
    probability = 0.25
    kinds = ["Filled", "Cancelled"]
    delay = "1.5s"
    client = 3
    reference = "bs1:6PMWYKXY:0:EN"
    count = 4
    between = ["+10s", "+5m"]

    [[fault]]
    name = "upstream-lost"
    at = 2026-11-23T15:30:00Z
    then = "lost"

    [[fault]]
    name = "nightly-restart"
    every = "24h"
    probability = 1
    """
    delayed, upstream, restart = read_plan(text, "faults.toml")
    assert delayed == Rule(
        name="status-delayed",
        probability=0.25,
        count=4,
        between=(Moment(10 * SECOND_NS, True), Moment(300 * SECOND_NS, True)),
        client=3,
        reference="bs1:6PMWYKXY:0:EN",
        kinds=("Filled", "Cancelled"),
        parameters=(("delay", 1_500_000_000),),
    )
    assert upstream.at == Moment(NOVEMBER_23_NS, False)
    assert upstream.ns("lasting") == 20 * SECOND_NS
    assert upstream.word("then") == "lost"
    assert (restart.every_ns, restart.probability) == (86_400 * SECOND_NS, 1.0)


def test_numbers_keep_the_digits_that_were_written() -> None:
    (made,) = read_plan('[[fault]]\nname = "execution-corrected"\nprice_by = -0.10', "f")
    assert str(made.number("price_by")) == "-0.10"
    assert made.number("quantity_by") == Decimal(0)


def test_a_rule_written_in_python_is_the_one_from_a_file() -> None:
    (read,) = read_plan('[[fault]]\nname = "tick-nan"\nnth = 3\nkinds = ["bid"]', "f")
    assert rule("tick-nan", nth=3, kinds=["bid"]) == read


@pytest.mark.parametrize("text", ["", "# nothing goes wrong\n", "fault = []"])
def test_a_file_without_faults_plans_none(text: str) -> None:
    assert read_plan(text, "f") == ()


@pytest.mark.parametrize("at", ["2026-11-23T15:30:00Z", "2026-11-23T10:30:00-05:00"])
def test_an_instant_can_be_a_text_with_its_offset(at: str) -> None:
    assert rule("nightly-restart", at=at).at == Moment(NOVEMBER_23_NS, False)


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ('name = "status-dup"', '("status-dup"): unknown name; did you mean "status-duplicated"?'),
        ('name = "xyzzy"', '("xyzzy"): unknown name'),
        ("nth = 1", ": name: missing; `backstay gateway faults` lists them"),
        ("name = 7", ": name: 7; expected the name of a fault"),
        (
            'name = "status-delayed"\ndelay = "2x"',
            f'("status-delayed"): delay: "2x"; expected {A_PERIOD}',
        ),
        (
            'name = "status-delayed"\ndelya = "2s"',
            '("status-delayed"): delya: unknown key; did you mean "delay"?',
        ),
        (
            'name = "status-missing"\nprobability = 1.5',
            '("status-missing"): probability: 1.5; expected a number from 0 to 1',
        ),
        (
            'name = "status-missing"\nprobability = "often"',
            '("status-missing"): probability: "often"; expected a number from 0 to 1',
        ),
        (
            'name = "status-missing"\nprobability = true',
            '("status-missing"): probability: true; expected a number from 0 to 1',
        ),
        (
            'name = "order-rejected"\nnth = 0',
            '("order-rejected"): nth: 0; expected a whole number from 1',
        ),
        (
            'name = "order-rejected"\ncount = true',
            '("order-rejected"): count: true; expected a whole number from 1',
        ),
        (
            'name = "order-rejected"\nnth = 2\nprobability = 0.5',
            '("order-rejected"): give nth or probability, not both',
        ),
        (
            'name = "order-rejected"\nnth = 2\nevery = "5s"',
            '("order-rejected"): give at most one of nth, at, every (got nth and every)',
        ),
        (
            'name = "order-rejected"\nnth = 2\ncount = 5',
            '("order-rejected"): count: 5; it strikes once, leave it out',
        ),
        (
            'name = "order-rejected"\ntext = 3',
            '("order-rejected"): text: 3; expected a text',
        ),
        (
            'name = "order-rejected"\nreference = 7',
            f'("order-rejected"): reference: 7; expected {A_REFERENCE}',
        ),
        (
            'name = "order-rejected"\nreference = ""',
            f'("order-rejected"): reference: ""; expected {A_REFERENCE}',
        ),
        (
            'name = "tick-zero"\nreference = "bs1"',
            '("tick-zero"): reference: it strikes no order in particular; leave it out',
        ),
        (
            'name = "order-rejected"\nclient = -1',
            '("order-rejected"): client: -1; expected a client id, a whole number from 0',
        ),
        (
            'name = "upstream-lost"',
            '("upstream-lost"): needs a schedule: give at, every or between = ["+10s", "+5m"]',
        ),
        (
            'name = "upstream-lost"\nprobability = 0.5',
            '("upstream-lost"): needs a schedule: give at, every or between = ["+10s", "+5m"]',
        ),
        (
            'name = "upstream-lost"\nat = "noon"',
            '("upstream-lost"): at: "noon"; expected ' + A_MOMENT,
        ),
        (
            'name = "upstream-lost"\nat = "+5"',
            '("upstream-lost"): at: "+5"; expected ' + A_MOMENT,
        ),
        (
            'name = "upstream-lost"\nat = 2026-11-23T15:30:00',
            (
                '("upstream-lost"): at: 2026-11-23 15:30:00; expected a time with its offset, '
                "such as 2026-11-23T15:30:00Z"
            ),
        ),
        (
            'name = "upstream-lost"\nat = 5',
            '("upstream-lost"): at: 5; expected ' + A_MOMENT,
        ),
        (
            'name = "upstream-lost"\nat = "+5s"\nthen = "gone"',
            '("upstream-lost"): then: "gone"; expected "kept" or "lost"',
        ),
        (
            'name = "upstream-lost"\nat = "+5s"\ncount = 2',
            '("upstream-lost"): count: 2; it strikes once, leave it out',
        ),
        (
            'name = "upstream-lost"\nat = "+5s"\nbetween = ["+1s", "+2s"]',
            '("upstream-lost"): give at or between, not both',
        ),
        (
            'name = "upstream-lost"\nat = "+5s"\nclient = 3',
            '("upstream-lost"): client: it strikes no client in particular; leave it out',
        ),
        (
            'name = "upstream-lost"\nevery = "0s"',
            '("upstream-lost"): every: "0s"; expected more than nothing',
        ),
        (
            'name = "upstream-lost"\nevery = "400d"',
            '("upstream-lost"): every: "400d"; expected at most 366 days',
        ),
        (
            'name = "tick-nan"\nbetween = ["+5s"]',
            '("tick-nan"): between: [\'+5s\']; expected two times, such as ["+10s", "+5m"]',
        ),
        (
            'name = "tick-nan"\nbetween = ["+5s", "+5s"]',
            "(\"tick-nan\"): between: ['+5s', '+5s']; expected the earlier time first",
        ),
        (
            'name = "tick-nan"\nkinds = ["mid"]',
            '("tick-nan"): kinds: "mid"; did you mean "bid"?',
        ),
        (
            'name = "tick-nan"\nkinds = ["sizes"]',
            '("tick-nan"): kinds: "sizes"; expected "bid", "ask", "last" or "rtvolume"',
        ),
        (
            'name = "tick-nan"\nkinds = "bid"',
            '("tick-nan"): kinds: "bid"; expected a list of texts',
        ),
        ('name = "tick-nan"\nkinds = [1]', '("tick-nan"): kinds: [1]; expected a list of texts'),
        (
            'name = "read-only"\nkinds = ["bid"]',
            '("read-only"): kinds: it knows none; leave it out',
        ),
        (
            'name = "fill-after-cancel"\nshare = "half"',
            '("fill-after-cancel"): share: "half"; expected a number such as 0.5 or "0.5"',
        ),
        (
            'name = "fill-after-cancel"\nshare = nan',
            '("fill-after-cancel"): share: NaN; expected a number such as 0.5 or "0.5"',
        ),
        (
            'name = "fill-after-cancel"\nshare = []',
            '("fill-after-cancel"): share: []; expected a number such as 0.5 or "0.5"',
        ),
    ],
)
def test_a_bad_fault_is_refused_with_one_line(keys: str, line: str) -> None:
    text = f'[[fault]]\nname = "tick-zero"\n[[fault]]\n{keys}\n'
    with pytest.raises(PlanError) as refused:
        read_plan(text, "faults.toml")
    separator = "" if line.startswith(":") else " "
    assert str(refused.value) == f"faults.toml: fault 2{separator}{line}"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("faults = []", 'f: faults: unknown key; did you mean "fault"?'),
        ("seed = 3", "f: seed: unknown key"),
        ("fault = 3", "f: fault: 3; expected tables headed [[fault]]"),
        ("fault = [3]", "f: fault: [3]; expected tables headed [[fault]]"),
        ("[[fault]", "f: Expected ']]' at the end of an array declaration (at line 1, column 8)"),
        ("[[fault]]\n" * 1001, "f: 1001 faults; expected at most 1000"),
    ],
)
def test_a_text_that_is_no_faults_file_is_refused_with_one_line(text: str, line: str) -> None:
    with pytest.raises(PlanError) as refused:
        read_plan(text, "f")
    assert str(refused.value) == line


def test_a_long_value_is_cut_short() -> None:
    with pytest.raises(PlanError, match=r'^delay: "9{39}\.\.\.; expected a duration'):
        rule("status-delayed", delay="9" * 5000)


def test_a_file_is_named_without_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    with pytest.raises(PlanError, match=r"^mine\.toml: No such file or directory$"):
        load_plan(path)
    path.write_bytes(b"\xff")
    with pytest.raises(PlanError, match=r"^mine\.toml: not UTF-8 text$"):
        load_plan(path)
    path.write_text('[[fault]]\nname = "tick-nan"', encoding="utf-8")
    assert load_plan(path) == (rule("tick-nan"),)
