"""Names of companies and mail domains in one spelling, for telling whether two are one company.

Source: partner-leads.md, section 10 (CRM match by domain and company name).
"""

from __future__ import annotations

import re
import unicodedata

# What a name may carry at either end without being another company.
LEGAL_FORMS = frozenset(
    (
        "ab", "ag", "aktiengesellschaft", "as", "asa", "bv", "co", "company", "corp",
        "corporation", "cv", "eg", "ek", "gesellschaft", "gmbh", "inc", "incorporated",
        "kabushiki", "kaisha", "kg", "kgaa", "kk", "lda", "limited", "limitada", "llc", "llp",
        "lp", "ltd", "ltda", "mbh", "nv", "ohg", "oy", "oyj", "plc", "pte", "pty", "pvt", "sa",
        "sarl", "sas", "sasu", "sca", "se", "sl", "slu", "spa", "spk", "sro", "srl", "ug",
        "zoo",
    )
)  # fmt: skip
_CJK_FORMS = re.compile(
    "株式会社|有限会社|合同会社|合資会社|合名会社|一般社団法人|一般財団法人|股份有限公司"
    "|有限责任公司|有限責任公司|有限公司|주식회사|\\(株\\)|\\(有\\)|\\(주\\)"
)
_INITIALS = re.compile(r"\b(?:\w\.){2,}(?=\W|$)|\b(?:\w\.)+\w\b")
_WORDS = re.compile(r"\w+")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://")
_AFTER_HOST = re.compile(r"[/?#\s]")
FREE_MAIL = frozenset(
    (
        "126.com", "163.com", "aol.com", "docomo.ne.jp", "ezweb.ne.jp", "foxmail.com",
        "free.fr", "gmail.com", "gmx.at", "gmx.ch", "gmx.com", "gmx.de", "gmx.net",
        "googlemail.com", "hotmail.co.uk", "hotmail.com", "hotmail.de", "hotmail.fr",
        "icloud.com", "laposte.net", "live.com", "mac.com", "mail.com", "mail.ru", "me.com",
        "msn.com", "naver.com", "orange.fr", "outlook.com", "outlook.de", "outlook.jp",
        "proton.me", "protonmail.com", "qq.com", "sina.com", "softbank.ne.jp", "t-online.de",
        "web.de", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com", "yahoo.de", "yahoo.fr",
        "yandex.ru", "ymail.com",
    )
)  # fmt: skip


def company_key(name: str | None) -> str:
    """A company's name without case, width, accents, punctuation and legal form, words sorted.

    Returns
    -------
    str
        Empty where nothing is left but a legal form, which tells no company.
    """
    if not name:
        return ""
    bare = name.lower() if name.isascii() else _bare(name)
    # "S.p.A." and "s.r.o." are one word each.
    if "." in bare:
        bare = _INITIALS.sub(lambda found: found.group().replace(".", ""), bare)
    words = _WORDS.findall(bare.replace("_", " ").replace("&", " and "))
    kept = [word for word in words if word not in LEGAL_FORMS]
    while kept and kept[-1] == "and":
        kept.pop()
    if kept and kept[0] == "the" and len(kept) > 1:
        kept = kept[1:]
    return " ".join(sorted(kept))


def _bare(name: str) -> str:
    """The name without case, width, accents and the legal forms of scripts without spaces."""
    text = _CJK_FORMS.sub(" ", unicodedata.normalize("NFKC", name).casefold())
    apart = unicodedata.normalize("NFD", text)
    # Voiced signs of Japanese are marks as well, but never mere accents.
    kept = (c for c in apart if not unicodedata.combining(c) or c in "\u3099\u309a")
    return unicodedata.normalize("NFC", "".join(kept))


def domain_of(text: str | None) -> str:
    """The domain of a mail address, or of a website as it is written; empty for none."""
    if not text:
        return ""
    bare = text.strip().casefold()
    bare = _SCHEME.sub("", bare)
    bare = _AFTER_HOST.split(bare, maxsplit=1)[0].rpartition("@")[2].partition(":")[0]
    bare = bare.removeprefix("www.").strip(".")
    return bare if "." in bare else ""


def company_domain(mail: str | None) -> str:
    """The domain of a mail address that belongs to a company; empty for free mail."""
    domain = domain_of(mail) if mail and "@" in mail else ""
    return "" if domain in FREE_MAIL else domain
