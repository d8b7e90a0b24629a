"""One message to many places; every place has its own receipt."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from workbench.collaboration.delivery.filing import put
from workbench.collaboration.delivery.mailing import mail_all
from workbench.collaboration.delivery.parcels import Parcel, Receipt
from workbench.collaboration.delivery.posting import post
from workbench.collaboration.delivery.targets import FILE, MAIL, targets_from


def deliver(
    parcel: Parcel,
    to: Iterable[str],
    *,
    root: str | Path = ".",
    environment: Mapping[str, str] | None = None,
) -> list[Receipt]:
    """Bring a message to every target, once each; what failed says why.

    Delivering again is safe: files of the same key are replaced, mails carry the same
    ``Message-ID``, web addresses receive the same ``Idempotency-Key``. Whoever must not lose a
    message keeps it until its receipt says delivered.

    Parameters
    ----------
    parcel : Parcel
    to : list of str
        ``"file:FOLDER"``, ``"mail:ADDRESS"`` or a web address.
    root : str or path
        Where folders that are not absolute lie.
    environment : mapping, optional
        Servers and credentials; that of the process when left out. They are read from nowhere
        else and never written anywhere.

    Returns
    -------
    list of Receipt
        One for each target, in the order given.

    Raises
    ------
    ArgumentError
        Before anything is sent, for a target that cannot be one.
    """
    targets = targets_from(to)
    known = os.environ if environment is None else environment
    mails = [t for t in targets if t.kind == MAIL]
    by_mail = dict(zip(mails, mail_all(parcel, mails, known) if mails else (), strict=True))
    receipts = []
    for target in targets:
        if target.kind == MAIL:
            receipts.append(by_mail[target])
        elif target.kind == FILE:
            receipts.append(put(parcel, target, Path(root)))
        else:
            receipts.append(post(parcel, target, known))
    return receipts


def check_targets(to: Iterable[str], argument: str = "to") -> list[str]:
    """Refuse targets that cannot be any, before anything depends on them; as plain texts.

    Raises
    ------
    ArgumentError
    """
    return [target.text for target in targets_from(to, argument)]
