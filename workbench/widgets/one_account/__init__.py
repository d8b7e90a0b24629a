"""One account as a whole: what happened, who took part, what was sold, what is said."""

from workbench.widgets.one_account.account import AccountPage, account_page

__all__ = ["AccountPage", "account_page"]
