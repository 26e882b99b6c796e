"""What is drawn from a table still is what the table says."""

from tests.tidy.diagrams import LIFECYCLE, lifecycle_page


def test_the_drawn_lifecycle_is_what_the_table_says() -> None:
    drawn = LIFECYCLE.read_text(encoding="utf-8")
    assert drawn == lifecycle_page(), "draw it anew: .venv/bin/python -m tests.tidy.diagrams"
