"""The fields by which deals are compared, read once as numbers, codes and sets.

Source: relationship-analytics.md, section 8.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench import money
from workbench.engine.columns import is_number
from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.quoting import literal, quoted
from workbench.relationship.alike.options import LEAST_KNOWN
from workbench.relationship.records import Records
from workbench.workspace import Workspace

NUMBER, CODE, SET = "number", "code", "set"
AMOUNT = "amount"
USUAL = {
    AMOUNT: (NUMBER, ("opportunities.amount",)),
    "employees": (NUMBER, ("accounts.employees",)),
    "industry": (CODE, ("accounts.industry",)),
    "country": (CODE, ("accounts.country",)),
    "type": (CODE, ("opportunities.type",)),
    "lead_source": (CODE, ("opportunities.lead_source",)),
    "products": (SET, ("opportunities.products", "opportunities.product")),
    "pipeline": (CODE, ("opportunities.pipeline",)),
}
_DAYS = re.compile(r"DATE|TIMESTAMP")
_APART = re.compile(r"[;|\n\x1f]")


@dataclass(frozen=True)
class Field:
    """One field of every deal, in the order of the records.

    Attributes
    ----------
    name : str
    kind : {"number", "code", "set"}
    values : numpy.ndarray
        Numbers as floats (amount and employees as logarithms), NaN for none; else codes, -1 for
        none; of a set the code of the whole set.
    items : tuple of tuple of int
        What each set holds, in order.
    known_won, known_lost : int
        Won and lost deals that have a value.
    reason : str
        Why the field does not count; empty when it does.
    """

    name: str
    kind: str
    values: np.ndarray
    items: tuple[tuple[int, ...], ...]
    known_won: int
    known_lost: int
    reason: str

    @property
    def known(self) -> np.ndarray:
        """Whether each deal has a value."""
        return ~np.isnan(self.values) if self.kind == NUMBER else self.values >= 0


def labels() -> dict[str, str]:
    """The usual fields as a reader sees them."""
    return {
        AMOUNT: message("Amount"),
        "employees": message("Employees"),
        "industry": message("Industry"),
        "country": message("Country"),
        "type": message("Type"),
        "lead_source": message("Lead source"),
        "products": message("Products"),
        "pipeline": message("Pipeline"),
    }


def fields_of(
    workspace: Workspace,
    records: Records,
    amounts: np.ndarray,
    own: tuple[str, ...],
    won: np.ndarray,
    lost: np.ndarray,
) -> list[Field]:
    """Every field, those that do not count with the reason.

    Parameters
    ----------
    amounts : numpy.ndarray of float
        Of the records, in one currency; NaN where unknown.
    own : tuple of str
        Columns beside the usual ones, such as ``"x_region"`` or ``"accounts.rank"``.
    won, lost : numpy.ndarray of bool
        Deals of which enough must have a value.

    Raises
    ------
    AbsentError
        When a column of `own` is not there.
    """
    wanted: dict[str, tuple[str, str | None]] = {}
    for name, (kind, places) in USUAL.items():
        found = (_found(workspace, place) for place in places)
        wanted[name] = kind, next((place for place in found if place), None)
    for name in own:
        column = _own(workspace, name)
        if column in [found for _, found in wanted.values()]:
            raise ArgumentError.of(
                "features", name, message("columns that are not compared already")
            )
        wanted[column if name in wanted else name] = _kind(workspace, column), column
    read = _read(workspace, records, wanted)
    out = []
    for name, (kind, place) in wanted.items():
        items: tuple[tuple[int, ...], ...] = ()
        if name == AMOUNT:
            values = np.log1p(np.where(amounts >= 0, amounts, np.nan))
        elif place is None:
            values = _nothing(kind, len(records))
        else:
            values, items = _values(kind, read[name], logged=name in USUAL)
        known = ~np.isnan(values) if kind == NUMBER else values >= 0
        known_won, known_lost = int((known & won).sum()), int((known & lost).sum())
        reason = _reason(known_won, known_lost, not known.any())
        if name == AMOUNT and not known.any() and (records.amount >= 0).any():
            reason = message("the amounts cannot be brought into one currency")
        out.append(Field(name, kind, values, items, known_won, known_lost, reason))
    return out


def _reason(known_won: int, known_lost: int, empty: bool) -> str:
    if empty:
        return message("no deal has a value")
    if known_won < LEAST_KNOWN or known_lost < LEAST_KNOWN:
        return message(
            "{won} won and {lost} lost deals have a value; {least} of each are needed",
            won=f"{known_won:,}", lost=f"{known_lost:,}", least=LEAST_KNOWN,
        )  # fmt: skip
    return ""


def _found(workspace: Workspace, place: str) -> str | None:
    table, _, column = place.partition(".")
    if table == "accounts" and "account_id" not in workspace.columns_of("opportunities"):
        return None
    known = workspace.columns_of(table)
    return next((f"{table}.{c}" for c in (column, f"x_{column}") if c in known), None)


def _own(workspace: Workspace, name: str) -> str:
    tried = [name] if name.startswith("accounts.") else [f"opportunities.{name}"]
    tried += [] if name.startswith("accounts.") else [f"accounts.{name}"]
    for place in tried:
        found = _found(workspace, place)
        if found:
            return found
    known = list(workspace.columns_of("opportunities"))
    known += [f"accounts.{name}" for name in workspace.columns_of("accounts")]
    raise AbsentError.of("features", name, known)


def _type(workspace: Workspace, place: str) -> str:
    table, _, column = place.partition(".")
    return workspace.columns_of(table)[column]


def _kind(workspace: Workspace, place: str) -> str:
    kind = _type(workspace, place)
    if kind.endswith("[]"):
        return SET
    if kind == "VARCHAR":
        return NUMBER if _measured(workspace, place) else CODE
    return NUMBER if is_number(kind) or _DAYS.match(kind) else CODE


def _measured(workspace: Workspace, place: str) -> bool:
    """Whether a column of text holds numbers alone, or days: unknown columns come as text."""
    table, _, column = place.partition(".")
    text = f"nullif(trim({quoted(column)}), '')"
    every = " OR ".join(
        f"bool_and(try_cast({text} AS {kind}) IS NOT NULL) FILTER ({text} IS NOT NULL)"
        for kind in ("DOUBLE", "TIMESTAMP")
    )
    found = workspace.arrow(f"SELECT {every} AS measured FROM {table}")
    return bool(found.column("measured")[0].as_py())


def _read(
    workspace: Workspace, records: Records, wanted: dict[str, tuple[str, str | None]]
) -> dict[str, pa.Array]:
    """Each field of each record, in the order of the records."""
    shown, joined = [], ""
    for n, (kind, place) in enumerate(wanted.values()):
        if place is None:
            continue
        table, _, column = place.partition(".")
        written = f"{'a' if table == 'accounts' else 't'}.{quoted(column)}"
        found = _type(workspace, place)
        if kind == NUMBER:
            shown.append(f"min({_number(written, found)}) AS f{n}")
        elif found.endswith("[]"):
            shown.append(f"min(array_to_string({written}, chr(31))) AS f{n}")
        else:
            shown.append(f"min(nullif(lower(trim({written}::VARCHAR)), '')) AS f{n}")
        if table == "accounts":
            joined = "LEFT JOIN accounts a ON a.account_id = t.account_id"
    read = workspace.arrow(
        f"SELECT t.opportunity_id::VARCHAR AS key{''.join(f', {s}' for s in shown)} "
        f"FROM opportunities t {joined} WHERE t.opportunity_id IS NOT NULL GROUP BY 1"
    )
    places = pc.index_in(
        pa.array(records.keys, pa.string()), value_set=read.column("key").combine_chunks()
    )
    return {
        name: read.column(f"f{n}").take(places).combine_chunks()
        for n, (name, (_, place)) in enumerate(wanted.items())
        if place is not None
    }


def _number(written: str, kind: str) -> str:
    """A column as a number, days as those since 1970."""
    days = "epoch(try_cast({} AS TIMESTAMP)) / 86400"
    if _DAYS.match(kind):
        return days.format(written)
    text = f"try_cast({written} AS DOUBLE)"
    return f"coalesce({text}, {days.format(written)})" if kind == "VARCHAR" else text


def _nothing(kind: str, size: int) -> np.ndarray:
    return np.full(size, np.nan) if kind == NUMBER else np.full(size, -1, np.int32)


def _values(
    kind: str, read: pa.Array, logged: bool
) -> tuple[np.ndarray, tuple[tuple[int, ...], ...]]:
    if kind == NUMBER:
        found = read.fill_null(float("nan")).to_numpy(zero_copy_only=False).astype(float)
        found[~np.isfinite(found)] = np.nan
        return (np.log1p(np.where(found >= 0, found, np.nan)) if logged else found), ()
    coded = read.dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    texts = coded.dictionary.to_pylist()
    if kind == CODE:
        return codes, ()
    parts = [frozenset(p.strip().lower() for p in _APART.split(t)) - {""} for t in texts]
    names = {name: n for n, name in enumerate(sorted(set().union(*parts)))}
    sets = sorted({tuple(sorted(names[p] for p in part)) for part in parts if part})
    place = {found: n for n, found in enumerate(sets)}
    of_text = [place.get(tuple(sorted(names[p] for p in part)), -1) for part in parts]
    return np.array([*of_text, -1], np.int32)[codes], tuple(sets)


def amounts_of(workspace: Workspace, records: Records, instant: int) -> tuple[np.ndarray, str]:
    """Amounts in one currency by the policy of the workspace, and that currency.

    All are unknown when there are several currencies and none to report in.
    """
    try:
        target = money.target_currency(workspace, records.currency, "currency")
    except ArgumentError:
        return np.full(len(records), np.nan), ""
    columns = workspace.columns_of("opportunities")
    zone = literal(workspace.settings.report_tz)

    def of(name: str, kind: str) -> str:
        for candidate in (name, f"x_{name}"):
            if candidate in columns:
                return f"{quoted(candidate)}::{kind}"
        return f"NULL::{kind}"

    at = f"(make_timestamptz({instant}) AT TIME ZONE {zone})::DATE"
    way = money.conversion(
        workspace, amount="amount", currency="currency", closed_on="closed_on",
        expected_on="expected_on", at="seen_on", imported="imported", target=target,
    )  # fmt: skip
    read = workspace.arrow(
        f"SELECT key, min({way.sql})::DOUBLE AS amount FROM (SELECT "
        f"{of('opportunity_id', 'VARCHAR')} AS key, {of('amount', 'DOUBLE')} AS amount, "
        f"{of('amount_rc', 'DOUBLE')} AS imported, {of('currency', 'VARCHAR')} AS currency, "
        f"({of('closed_at', 'TIMESTAMPTZ')} AT TIME ZONE {zone})::DATE AS closed_on, "
        f"{of('expected_close_on', 'DATE')} AS expected_on, {at} AS seen_on "
        f"FROM opportunities WHERE opportunity_id IS NOT NULL) t {way.joined} GROUP BY 1"
    )
    places = pc.index_in(
        pa.array(records.keys, pa.string()), value_set=read.column("key").combine_chunks()
    )
    found = read.column("amount").take(places).combine_chunks().fill_null(float("nan"))
    return found.to_numpy(zero_copy_only=False).astype(float), target
