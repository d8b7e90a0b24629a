"""The answer: leads with their clocks, the most pressing first, and what must be answered when."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.leads import terms
from workbench.leads.checks import checks, written
from workbench.leads.crm import table_of
from workbench.leads.export import export
from workbench.leads.lines import LINES, lines, list_columns, named
from workbench.leads.notices import notices, save_notices
from workbench.leads.pages import came_in, figures, known_already, to_answer
from workbench.leads.presets import Upload, export_crm
from workbench.leads.question import Question
from workbench.leads.states import priority
from workbench.messages import message, message_of_count
from workbench.results import numbers, theme
from workbench.results.base import Block, Result
from workbench.results.intervals import wilson
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

ORDERS = ("priority", "created")
GROUPS_OF_MEMBERS = ("waiting", "hot", "warm", "due_soon", "spam", "contactable", *terms.STAGES)


class Leads(Result):
    """Partner leads as they stood at an instant.

    Attributes
    ----------
    question : Question
    order : {"priority", "created"}
    """

    columns: ClassVar[Mapping[str, str]] = LINES
    kind: ClassVar[str] = "partner_leads"

    def __init__(self, *, question: Question, order: str) -> None:
        self.question = question
        self.order = order
        self.definition = question.plain()
        self.scope = question.scope(question.chosen, *self._notes())

    def _notes(self) -> tuple[str, ...]:
        question = self.question
        hidden = question.hidden & question.chosen
        asking = int((hidden & question.records.actionable).sum())
        silent = int(hidden.sum()) - asking
        counted = {
            message_of_count(
                "Contact data of {count} lead that expired are not shown.",
                "Contact data of {count} leads that expired are not shown.",
                asking,
            )
            if not question.rules.redact
            else message_of_count(
                "Contact data of {count} lead that expired or was declined are not shown.",
                "Contact data of {count} leads that expired or were declined are not shown.",
                asking,
            ): asking,
            message_of_count(
                "Contact data of {count} lead that only informs and is older than {months} months "
                "are not shown.",
                "Contact data of {count} leads that only inform and are older than {months} months "
                "are not shown.",
                silent,
                months=question.rules.retention_months,
            ): silent,
        }
        return tuple(words for words, count in counted.items() if count)

    @cached_property
    def places(self) -> np.ndarray:
        """Places of the listed leads among all, in the order asked for."""
        records, chosen = self.question.records, self.question.chosen
        if self.order == "priority":
            ranked = priority(records, self.question.states)
        else:
            ranked = np.lexsort((np.arange(len(records)), -records["created_at"]))
        return np.asarray(ranked[chosen[ranked]])

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line a lead."""
        return lines(self.question, self.places)

    @cached_property
    def counts(self) -> pd.DataFrame:
        """Leads by class and stage: ``lead_class, stage, count, total, share, low, high``; share
        is count / total of the class.
        """
        frame = self.frame
        found = frame.groupby(["lead_class", "stage"], observed=True).size()
        grid = pd.MultiIndex.from_product([terms.CLASSES, terms.STAGES])
        out = found.reindex(grid, fill_value=0).reset_index()
        out.columns = pd.Index(["lead_class", "stage", "count"])
        out["total"] = out.groupby("lead_class")["count"].transform("sum")
        out = out[out["count"] > 0].reset_index(drop=True)
        out["share"] = out["count"] / out["total"]
        out["low"], out["high"] = wilson(out["count"].to_numpy(), out["total"].to_numpy())
        return out

    @cached_property
    def duplicates(self) -> pd.DataFrame:
        """Leads that share a customer: the columns of `workbench.leads.duplicates.COLUMNS`, groups
        of two and more, of all leads that had arrived.
        """
        found = self.question.beside.duplicates
        return found[found["size"] > 1].reset_index(drop=True)

    @cached_property
    def crm(self) -> pd.DataFrame:
        """The record of the CRM that fits each listed lead best, by what and how surely: the
        columns of `workbench.leads.crm.CRM_COLUMNS`, in the order of the frame. Nothing is merged.
        """
        return table_of(self.question.records, self.question.beside.crm, self.places)

    @cached_property
    def checks(self) -> pd.DataFrame:
        """What the form of each address says, beside the vendor's validity: the columns of
        `workbench.leads.checks.COLUMNS`, in the order of the frame. Expired leads are not checked.
        """
        question = self.question
        return checks(question.records, question.hidden, question.rules.spam_domains, self.places)

    def _sum(self, name: str) -> int:
        return int((getattr(self.question.states, name) & self.question.chosen).sum())

    def headline(self) -> str:
        """How many wait, and how many of them are pressing."""
        asked = int((self.question.records.actionable & self.question.chosen).sum())
        if not len(self.frame):
            return message("0 leads pass these filters")
        return message(
            "Waiting for an answer: {waiting} of {total}; {hot} hot, {due} due in {hours} hours",
            waiting=numbers.count(self._sum("waiting")),
            total=message_of_count(
                "{count} lead that asks for one", "{count} leads that ask for one", asked
            ),
            hot=numbers.count(self._sum("hot")),
            due=numbers.count(self._sum("due_soon")),
            hours=numbers.significant(self.question.rules.due_soon_hours),
        )

    def reading(self) -> str:
        """What the bars are, and that validity tells nothing of interest."""
        from workbench.leads.chart import MOST

        waiting = self._sum("waiting")
        text = message(
            "Each bar is the time left for an answer: to the end of the 72 hours where a call was "
            "asked for, else to the expiry. Validity says that somebody can be reached, not who "
            "it is or whether the interest is real."
        )
        if waiting > MOST:
            text += " " + message(
                "The {n} first to run out of {total} are drawn; the table holds all, the most "
                "pressing first.",
                n=MOST,
                total=numbers.count(waiting),
            )
        return text

    def definitions(self) -> list[str]:
        """The classes and clocks in sentences."""
        return [
            message(
                "Leads that ask for an answer: from a business profile, 'contact me' of an offer, "
                "and qualified ones; all other offer leads only inform."
            ),
            message(
                "Hot: a call was asked for less than 72 hours ago. Warm: it was asked for earlier "
                "and still waits. Due soon: it expires within {hours} hours.",
                hours=numbers.significant(self.question.rules.due_soon_hours),
            ),
            message(
                "Known to the CRM: a record has the key that the lead names, its mail address, or "
                "the domain of its mail and a name like its company's. Nothing is merged."
            ),
            self._privacy(),
            *self.question.sentences(),
        ]

    def _privacy(self) -> str:
        rules = self.question.rules
        text = (
            message("Contact data of expired and declined leads are hidden.")
            if rules.redact
            else message("Contact data of expired leads are hidden.")
        )
        if rules.retention_months:
            text += " " + message(
                "Leads that only inform show theirs for {months} months.",
                months=rules.retention_months,
            )
        return text

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return list_columns()

    def table_frame(self) -> pd.DataFrame:
        """The lines with names for a reader."""
        return named(self.frame)

    def chart(self) -> alt.TopLevelMixin:
        """Time left for each lead that waits, the first to run out on top."""
        if not self._sum("waiting"):
            return theme.empty_chart(self.headline())
        from workbench.leads.chart import draw

        return draw(self.frame, self.question.rules.due_soon_hours)

    def members(self, group: str = "waiting") -> pd.DataFrame:
        """The leads behind a number.

        Parameters
        ----------
        group : str
            ``waiting``, ``hot``, ``warm``, ``due_soon``, ``spam``, ``contactable`` or a stage.

        Returns
        -------
        pandas.DataFrame
            With the columns of the frame, in its order.
        """
        if group not in GROUPS_OF_MEMBERS:
            raise ArgumentError.of("group", group, GROUPS_OF_MEMBERS)
        states = self.question.states
        mask = states.stage == group if group in terms.STAGES else getattr(states, group)
        if group == "contactable":
            mask = mask & ~self.question.hidden
        return self.frame[np.asarray(mask, bool)[self.places]].reset_index(drop=True)

    def key_figures(self) -> Block:
        """Four numbers for the head of a page."""
        return figures(self)

    def to_answer(self) -> Block:
        """The leads that wait, as a list to act on."""
        return to_answer(self)

    def came_in(self) -> Block:
        """The listed leads by class: what asks for an answer, what only informs, what is spam."""
        return came_in(self)

    def known_already(self) -> Block:
        """The leads that wait and that the CRM may know, or whose customer came before."""
        return known_already(self)

    def contact(self, lead_id: str) -> dict[str, str]:
        """Mail address and telephone of a lead in the spelling that programs take; for copying.

        Parameters
        ----------
        lead_id : str

        Returns
        -------
        dict
            ``email`` and ``phone``, those that are known.

        Raises
        ------
        ArgumentError
            For a lead that is not there, or whose contact data are no longer shown.
        """
        question = self.question
        place = question.records.places.get(lead_id)
        if place is None:
            raise ArgumentError.of("lead_id", lead_id, list(question.records.places))
        if question.hidden[place]:
            raise ArgumentError(
                message("The contact data of the lead {lead} are no longer shown.", lead=lead_id)
            )
        return written(question.records, place)

    def export(self, path: str | Path, *, bom: bool = True) -> Path:
        """Write exactly the listed leads as CSV, and beside it the filters as JSON.

        Parameters
        ----------
        path : str or pathlib.Path
            Ends with ``.csv``; the filters go to the same name with ``.filters.json``.
        bom : bool
            Whether the file begins with a byte order mark, for spreadsheets.

        Returns
        -------
        pathlib.Path

        Notes
        -----
        Source: partner-leads.md, section 8.
        """
        return export(self.question, self.places, path, bom=bom)

    def export_crm(
        self, path: str | Path, *, crm: str = "salesforce", contactable_only: bool = True
    ) -> Upload:
        """Write the listed leads as the file that a CRM imports, and who is left out and why.

        Parameters
        ----------
        path : str or pathlib.Path
            Ends with ``.csv``; beside it stand ``.skipped.csv`` and ``.filters.json``.
        crm : {"salesforce", "hubspot", "dynamics", "marketo"}
        contactable_only : bool
            Whether leads are left out that are spam or have no valid contact. Leads whose contact
            data are hidden, and those that nobody may contact, always are.

        Returns
        -------
        workbench.leads.presets.Upload

        Notes
        -----
        Source: partner-leads.md, section 8. The CRM is told nothing and merges nothing by this.
        """
        return export_crm(
            self.question, self.places, path, crm=crm, contactable_only=contactable_only
        )

    def notices(self, *, streaming: bool = False, recipients: Any = None) -> pd.DataFrame:
        """Messages about new 'contact me' leads: one each up to 10 a day, else one digest.

        Parameters
        ----------
        streaming : bool
            Whether the first 10 of a day are told one by one and only the rest in a digest.
        recipients : list of mappings, or path of a YAML file, optional
            Contacts of the business profile: ``name``, ``email``, ``profile`` (whether it wants
            mails) and ``action_centre`` (true, false or another address), which overrides it.

        Returns
        -------
        pandas.DataFrame
            With the columns of `workbench.leads.notices.COLUMNS`.

        Notes
        -----
        Source: partner-leads.md, section 7. Leads are counted by recipient and day of the
        reporting zone.
        """
        return notices(self.question, self.places, streaming=bool(streaming), recipients=recipients)

    def save_notices(
        self, folder: str | Path, *, streaming: bool = False, recipients: Any = None
    ) -> list[Path]:
        """Write these messages as Markdown and mails, and reminders as a calendar; none is sent.

        Parameters
        ----------
        folder : str or pathlib.Path
        streaming, recipients
            As in `notices`.
        """
        return save_notices(
            self.question, self.places, folder, streaming=bool(streaming), recipients=recipients
        )
