"""What each platform takes: headers, what is hashed, the smallest audience, where it is said.

Sources, as published between 2024 and 2026:

- Google Ads Customer Match: the headers Email, Phone, First Name, Last Name, Country, Zip and
  UTF-8 without UTF-16: support.google.com/google-ads/answer/7659867 and its template g.co/wudy8r;
  e-mail, telephone and names are hashed, country and zip are not: answer/7474263. In gmail.com and
  googlemail.com dots before the @ and everything from a + on are taken out, elsewhere nothing is:
  developers.google.com/data-manager/api/devguides/concepts/formatting. Names match only together
  with Country and Zip, which the data model does not hold, so the list has no names.
- LinkedIn contact list: linkedin.com/help/lms/answer/a1489764 (headers must stay as they are, at
  least 300 rows, addresses plain or SHA-256) and the template it links to,
  LinkedIn_Ads_Contact_Match_Template.csv. Names, titles and companies are only taken in clear.
- LinkedIn company list: header of the template that Campaign Manager hands out; the help pages do
  not print it, so compare it with the template of the day. At least 300 members: a424450.
- Meta customer list: facebook.com/business/help/2082575038703844 (email, phone, fn, ln, country;
  lists below 100 people are to be avoided) and, for hashing, "Hash and Normalize Data" of
  developers.facebook.com/docs/marketing-api/audiences/guides/custom-audiences: SHA-256, lower
  case, telephone numbers as digits with the country and without symbols.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.messages import marked, message

_HASHED = marked("Addresses and numbers stand there as SHA-256 only.")
_PLAIN = marked("Addresses stand there in clear: the file is personal data.")
_COMPANIES = marked("Companies and their domains stand there in clear, no people.")


@dataclass(frozen=True)
class Platform:
    """What one platform takes.

    Attributes
    ----------
    columns : mapping
        Header of the file to what stands below it: ``address``, ``number``, a column of the people
        or companies, or nothing.
    hashed : frozenset of str
        Headers below which SHA-256 stands.
    phone : {"e164", "digits", ""}
        Form of telephone numbers before they are hashed; empty where none are taken.
    gmail : bool
        Whether dots and additions are taken out of addresses at Google.
    least : int
        Smallest audience that the platform serves; 0 where none is told.
    needs_address : bool
        Whether a line without an address is of no use.
    names_on_request : bool
        Whether columns other than address and number stay empty unless asked for.
    """

    name: str
    title: str
    columns: Mapping[str, str]
    source: str
    said_of: str
    hashed: frozenset[str] = frozenset()
    phone: str = ""
    gmail: bool = False
    least: int = 0
    companies: bool = False
    needs_address: bool = False
    names_on_request: bool = True

    @property
    def said(self) -> str:
        """What of people stands in the file."""
        return message(self.said_of)


PLATFORMS = {
    item.name: item
    for item in (
        Platform(
            "google_ads",
            "Google Ads",
            {"Email": "address", "Phone": "number"},
            "support.google.com/google-ads/answer/7659867",
            _HASHED,
            hashed=frozenset({"Email", "Phone"}),
            phone="e164",
            gmail=True,
            least=100,
        ),
        Platform(
            "linkedin",
            "LinkedIn",
            {
                "email": "address",
                "firstname": "first_name",
                "lastname": "last_name",
                "jobtitle": "title",
                "employeecompany": "company",
                "country": "country",
                "googleaid": "",
            },
            "linkedin.com/help/lms/answer/a1489764",
            _HASHED,
            hashed=frozenset({"email"}),
            least=300,
        ),
        Platform(
            "linkedin_companies",
            "LinkedIn",
            {
                "companyname": "company",
                "companywebsite": "website",
                "companyemaildomain": "domain",
                "linkedincompanypageurl": "",
                "stocksymbol": "",
                "industry": "industry",
                "city": "city",
                "state": "",
                "companycountry": "country",
                "zipcode": "",
            },
            "linkedin.com/help/lms/answer/a424450",
            _COMPANIES,
            least=300,
            companies=True,
            names_on_request=False,
        ),
        Platform(
            "meta",
            "Meta",
            {
                "email": "address",
                "phone": "number",
                "fn": "first_name",
                "ln": "last_name",
                "country": "country",
            },
            "facebook.com/business/help/2082575038703844",
            _HASHED,
            hashed=frozenset({"email", "phone", "fn", "ln", "country"}),
            phone="digits",
            least=100,
        ),
        Platform(
            "hashed_csv",
            "any platform",
            {"email_sha256": "address", "phone_sha256": "number"},
            "SHA-256 of the trimmed address in lower case and of the number in E.164",
            _HASHED,
            hashed=frozenset({"email_sha256", "phone_sha256"}),
            phone="e164",
        ),
        Platform(
            "plain_csv",
            "e-mail",
            {
                "email": "address",
                "first_name": "first_name",
                "last_name": "last_name",
                "title": "title",
                "company": "company",
                "country": "country",
                "phone": "number",
                "person_id": "key",
            },
            "a neutral list of addresses in clear",
            _PLAIN,
            phone="e164",
            needs_address=True,
            names_on_request=False,
        ),
    )
}
