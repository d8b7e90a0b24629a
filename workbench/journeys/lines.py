"""Texts and values for many lines at once: looked up by key, filled into sentences, joined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd


def at_keys(values: pd.Series, keys: pd.Series) -> pd.Series:
    """A value for each key, aligned with the keys; missing where there is none.

    As ``keys.map(values)``, and an empty series of instants stays one.
    """
    found = values[~values.index.duplicated()].reindex(pd.Index(keys.to_numpy(object)))
    return found.set_axis(keys.index)


def texts_at(values: pd.Series, keys: pd.Series) -> pd.Series:
    """As `at_keys` for texts, empty where there is none."""
    return at_keys(values, keys).astype("object").astype("str").fillna("")


def slot(name: str) -> str:
    """What stands for a value in a sentence that `told` fills for many lines at once."""
    return f"\x00{name}\x00"


def told(sentence: str, **columns: pd.Series) -> pd.Series:
    """One sentence a line: the slots of `sentence` filled with the texts of the columns.

    Parameters
    ----------
    sentence : str
        Made by `workbench.messages.message` with ``slot(name)`` as values, so that a catalogue may
        put them in another order.
    **columns
        Texts, all of one index.
    """
    index = next(iter(columns.values())).index
    out = pd.Series("", index=index, dtype="str")
    for number, part in enumerate(sentence.split("\x00")):
        out = out + (columns[part].astype("object").astype("str") if number % 2 else part)
    return out


def shown(values: pd.Series, form: Callable[[Any], str]) -> pd.Series:
    """Numbers as a reader sees them; each distinct number is formed once."""
    codes, distinct = pd.factorize(values, use_na_sentinel=False)
    texts = np.array([form(value) for value in distinct], object)
    out = texts[codes] if len(texts) else np.empty(0, object)
    return pd.Series(out, index=values.index, dtype="object").astype("str")


def joined_by(words: pd.Series, keys: pd.Series, separator: str, most: int = 60) -> pd.Series:
    """The words of each key in order, joined; no more than `most` of them, then an ellipsis.

    Returns
    -------
    pandas.Series
        Texts by key. The loop is over places within a key, never over keys.
    """
    place = words.groupby(keys.to_numpy(object), sort=False).cumcount()
    out = pd.Series("", index=pd.Index(keys.drop_duplicates().to_numpy(object)), dtype="str")
    last = int(place.max()) if len(place) else -1
    for number in range(min(last, most) + 1):
        here = (place == number).to_numpy()
        chosen = keys[here].to_numpy(object)
        added = words[here].to_numpy(object) if number < most else "…"
        out.loc[chosen] = out.loc[chosen] + (separator if number else "") + added
    return out
