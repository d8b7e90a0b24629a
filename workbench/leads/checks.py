"""Offline checks of addresses, beside what the vendor says and never in its place.

Source: partner-leads.md, section 6 (offline checks).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache

import numpy as np
import pandas as pd

from workbench.leads.records import Records
from workbench.leads.states import on_list
from workbench.leads.terms import DAY
from workbench.messages import message

RESULTS = ("ok", "suspect", "bad", "not checked")
COLUMNS = {
    "lead_id": "Key of the lead",
    "x_email_check": "ok, suspect, bad or not checked",
    "x_email_why": "What was found",
    "x_phone_check": "ok, suspect, bad or not checked",
    "x_phone_why": "What was found",
}
ROLES = frozenset(
    (
        "abuse", "admin", "billing", "contact", "hello", "help", "info", "mail", "marketing",
        "no-reply", "noreply", "office", "postmaster", "sales", "support", "webmaster",
    )
)  # fmt: skip
LONGEST_MAIL = 254
FEWEST_DIGITS, MOST_DIGITS = 7, 15
OFTEN = 5
# What needs no closer look: the library decides about all others.
_PLAIN_MAIL = re.compile(
    r"[A-Za-z0-9_-]{1,30}(?:[.+][A-Za-z0-9_-]{1,30})?@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?\.){1,4}(?:com|org|net|de|jp|fr|uk|cn|example)"
)
_SAME_DIGITS = re.compile(r"(\d)\1{6}")


def checks(
    records: Records, hidden: np.ndarray, spam_domains: Collection[str], places: np.ndarray
) -> pd.DataFrame:
    """What the form of each address says; addresses that nobody sees are not checked.

    Parameters
    ----------
    hidden : numpy.ndarray of bool
        Leads whose contact data nobody sees.
    spam_domains : collection of str
    places : numpy.ndarray of int64
        The leads that are asked for, in the order wanted.

    Returns
    -------
    pandas.DataFrame
        With `COLUMNS`, in the order of the places; no contact data.
    """
    often, gone = _often(records)[places], hidden[places]
    mails = [
        ("not checked", "") if hides else mail_check(mail, bool(many), spam_domains)
        for mail, many, hides in zip(records["email"][places], often, gone, strict=True)
    ]
    numbers = list(zip(records["phone"][places], records["country"][places], strict=True))
    known = {pair: phone_check(*pair) for pair in set(numbers)}
    phones = [
        ("not checked", "") if hides else known[pair]
        for pair, hides in zip(numbers, gone, strict=True)
    ]
    return pd.DataFrame(
        {
            "lead_id": records["lead_id"][places],
            "x_email_check": [found for found, _ in mails],
            "x_email_why": [why for _, why in mails],
            "x_phone_check": [found for found, _ in phones],
            "x_phone_why": [why for _, why in phones],
        },
        columns=list(COLUMNS),
    )


def mail_check(mail: str | None, often: bool, spam_domains: Collection[str]) -> tuple[str, str]:
    """A result and its reason: syntax, role mailbox, listed domain, a name used too often."""
    if mail is None:
        return "not checked", ""
    wrong = _mail_syntax(mail.strip())
    if wrong:
        return "bad", wrong
    if on_list(mail, spam_domains):
        return "suspect", message("domain on the list")
    if often:
        return "suspect", message("the same name {n} times or more in 24 hours", n=OFTEN)
    if mail.strip().partition("@")[0].lower() in ROLES:
        return "suspect", message("mailbox of a role")
    return "ok", ""


def _mail_syntax(mail: str) -> str:
    """Why an address cannot be one; empty where it can. No server is asked."""
    if len(mail) <= LONGEST_MAIL and _PLAIN_MAIL.fullmatch(mail):
        return ""
    if mail.count("@") != 1 or mail[0] == "@" or mail[-1] == "@" or re.search(r"\s", mail):
        return message("not of the form name@domain")
    if len(mail) > LONGEST_MAIL:
        return message("longer than {n} signs", n=LONGEST_MAIL)
    domain = mail.partition("@")[2]
    if "." not in domain.strip(".") or ".." in domain or domain[0] == ".":
        return message("no domain with a full stop")
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(mail, check_deliverability=False)
    except EmailNotValidError:
        return message("signs that no address has, or a domain that no mail reaches")
    return ""


def phone_check(phone: str | None, country: str | None) -> tuple[str, str]:
    """A result and its reason: number of digits, one digit over and over, another country."""
    if phone is None:
        return "not checked", ""
    parsed = _parsed(phone, country)
    digits = re.sub(r"\D", "", phone if parsed is None else parsed[0])
    if not FEWEST_DIGITS <= len(digits) <= MOST_DIGITS or re.search(r"[^\W\d]{4}", phone):
        return "bad", message("not {low} to {high} digits", low=FEWEST_DIGITS, high=MOST_DIGITS)
    if _SAME_DIGITS.search(digits):
        return "suspect", message("one digit over and over")
    if parsed is not None and _is_region(country) and country not in parsed[1]:
        return "suspect", message("another country than the lead's")
    return "ok", ""


def phone_key(phone: str | None, country: str | None) -> str:
    """A telephone number in one spelling (E.164 where it can be read); empty for none."""
    if not phone:
        return ""
    parsed = _parsed(phone, country)
    digits = re.sub(r"\D", "", phone)
    return parsed[0] if parsed else digits if len(digits) >= FEWEST_DIGITS else ""


def written(records: Records, place: int) -> dict[str, str]:
    """Mail address and telephone of a lead in one spelling, those that are known."""
    mail, phone = records["email"][place], records["phone"][place]
    parsed = _parsed(phone, records["country"][place]) if phone else None
    found = {
        "email": unicodedata.normalize("NFKC", mail).strip() if mail else "",
        "phone": parsed[0] if parsed else (phone or "").strip(),
    }
    return {name: value for name, value in found.items() if value}


@lru_cache(maxsize=1 << 18)
def _parsed(phone: str, country: str | None) -> tuple[str, tuple[str, ...]] | None:
    """The number in E.164 and the countries of its prefix; None where it cannot be read."""
    import phonenumbers

    try:
        number = phonenumbers.parse(phone, country if _is_region(country) else None)
    except phonenumbers.NumberParseException:
        return None
    text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return text, tuple(phonenumbers.region_codes_for_country_code(number.country_code or 0))


def _is_region(country: str | None) -> bool:
    return country is not None and re.fullmatch("[A-Z]{2}", country) is not None


def _often(records: Records) -> np.ndarray:
    """Leads whose mailbox has a name that came five times or more within 24 hours."""
    names = [None if m is None else m.partition("@")[0].strip().lower() for m in records["email"]]
    codes, _ = pd.factorize(np.array([*names, None], object)[:-1])
    created = records["created_at"]
    order = np.lexsort((created, codes))
    out = np.zeros(len(names), bool)
    if order.size < OFTEN:
        return out
    first, last = order[: 1 - OFTEN], order[OFTEN - 1 :]
    near = (codes[first] == codes[last]) & (codes[first] >= 0)
    near &= created[last] - created[first] < DAY
    for shift in range(OFTEN):
        out[order[np.flatnonzero(near) + shift]] = True
    return out
