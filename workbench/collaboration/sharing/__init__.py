"""Sharing: who may do what with a report, links for anyone, what they may see, saves that meet.

Flow: `roles` are values and the rule of the highest one; `recipients` keeps who has which;
`teams` knows groups and administrators; `links` gives, ends and renews links for anyone;
`curating` says what of a report a reader may see; `saving` keeps a report's settings so that
nobody overwrites what he has not seen. Everything lies in the store of collaboration.

Source: collaboration.md, sections 4 and 4.1.
"""

from workbench.collaboration.sharing.curating import choose_parts, parts_for
from workbench.collaboration.sharing.links import (
    Link,
    allow_links,
    end_link,
    forbid_links,
    give_link,
    link_of,
)
from workbench.collaboration.sharing.recipients import (
    recipients_of,
    role_of,
    share_reports,
    stop_sharing,
    take_up_role,
)
from workbench.collaboration.sharing.roles import ROLES, Held, may
from workbench.collaboration.sharing.saving import save_settings, settings_of
from workbench.collaboration.sharing.teams import (
    disable_user,
    make_admin,
    members_of,
    set_group,
)

__all__ = [
    "ROLES",
    "Held",
    "Link",
    "allow_links",
    "choose_parts",
    "disable_user",
    "end_link",
    "forbid_links",
    "give_link",
    "link_of",
    "make_admin",
    "may",
    "members_of",
    "parts_for",
    "recipients_of",
    "role_of",
    "save_settings",
    "set_group",
    "settings_of",
    "share_reports",
    "stop_sharing",
    "take_up_role",
]
