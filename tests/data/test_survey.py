"""What one pass over the bytes of a file says, against the slow way to the same."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.data.small import loaded, one_file, rows
from workbench.data import survey as module
from workbench.data.survey import survey
from workbench.data.values import BLANKS

CELLS = st.lists(
    st.sampled_from(
        ["a", "b c", "", " ", "x ", " y", "\tz", "t\t", "a,b", 'q"q', "n\nn", "\u3000会", "é\u00a0"]
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    table=st.lists(CELLS, min_size=1, max_size=5),
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
    last=st.booleans(),
    block=st.sampled_from([1, 3, 7, 1000]),
)
def test_nothing_in_a_tidy_file_needs_trimming(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    table: list[list[str]],
    delimiter: str,
    end: str,
    last: bool,
    block: int,
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(table)
    content = text.getvalue() if last else text.getvalue().removesuffix(end)
    path = tmp_path / "x.csv"
    path.write_bytes(content.encode())
    with monkeypatch.context() as patch:
        patch.setattr(module, "CHUNK", max(3, block))
        patch.setattr(module, "_BLOCK", block)
        seen = survey(path)
    lines = content.count("\n") + (content[-1:] not in ("\n", ""))
    assert (seen.encoding, seen.size, seen.lines) == ("utf-8", len(content.encode()), lines)
    records = list(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter))
    cells = [cell for record in records for cell in record]
    if seen.tidy(delimiter):
        assert all(cell == cell.strip(BLANKS) for cell in cells)
        assert '"' not in "".join(cells)
    if seen.trimmed(delimiter):
        odd = [cell for cell in cells if cell < "!" or cell.endswith(("\n", "\r"))]
        assert all(cell == cell.strip(BLANKS) for cell in cells if cell not in odd)


@pytest.mark.parametrize(
    ("content", "trim"),
    [
        (b'a,b\n"c","d e"\n', True),
        (b'a,b\n"",d\n', True),
        (b'a,b\n"c\n",d\n', True),
        (b'a,b\n" c",d\n', False),
        (b'a,b\n"c ",d\n', False),
        (b'a,b\n"c\td",e\n', False),
        ('a,b\n"c\u00a0",d\n'.encode(), False),
    ],
)
def test_what_quotation_marks_may_hide(tmp_path: Path, content: bytes, trim: bool) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    seen = survey(path)
    assert (seen.tidy(","), seen.trimmed(",")) == (False, trim)


@pytest.mark.parametrize("quote", [True, False])
def test_cells_are_trimmed_whatever_the_survey_says(tmp_path: Path, quote: bool) -> None:
    names = ["x", "a b", "a\n", "\na", "\r\n", "a\r", "b\n\nc", "", "é"]
    if not quote:
        names += [" a", "a ", "\ta", "a\u00a0", "\u3000a"]
    text = io.StringIO(newline="")
    lines = [["account_id", "name"], *([f"a{n}", name] for n, name in enumerate(names))]
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(lines)
    data = loaded(tmp_path, one_file(tmp_path, "accounts", text.getvalue()))
    read = dict(rows(data, "SELECT account_id, name FROM accounts"))
    assert read == {f"a{n}": name.strip(BLANKS) or None for n, name in enumerate(names)}


@pytest.mark.parametrize(
    ("content", "delimiter", "tidy"),
    [
        (b"a,b\n2024-01-05 10:00:00,x y\n", ",", True),
        (b"a,b\r\nc,d\r\n", ",", True),
        (b"a\tb\nc\td\n", "\t", True),
        ("a,b\n株式会社,日本\n".encode(), ",", True),
        (b"\xef\xbb\xbfa,b\nc,d\n", ",", True),
        (b"a,b\nc\td,e\n", ",", False),
        (b"a,b\nc ,d\n", ",", False),
        (b"a,b\nc, d\n", ",", False),
        (b"a,b\nc,d ", ",", False),
        (b"a,b\nc,d\r", ",", False),
        (b"a,b\nc\rd,e\n", ",", False),
        (b'a,b\n"",d\n', ",", False),
        (b"a,b\n\x00,d\n", ",", False),
        (b"a~b\nc~d\n", "~", False),
        ("a,b\n\u3000c,d\n".encode(), ",", False),
    ],
)
def test_tidy_files(tmp_path: Path, content: bytes, delimiter: str, tidy: bool) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    assert survey(path).tidy(delimiter) is tidy
