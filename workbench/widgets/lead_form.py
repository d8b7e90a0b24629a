"""Decisions about partner leads by hand: what waits, what each move needs, why one is refused."""

from __future__ import annotations

import html
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from workbench.errors import AbsentError, ArgumentError, WorkbenchError
from workbench.leads import answering, partner_leads
from workbench.leads.log import DecisionLog, favourites_named
from workbench.leads.moves import FIELDS, HEARTS, REQUIRED, field_errors
from workbench.messages import message, message_of_count
from workbench.widgets.lead_controls import alert, known_html

if TYPE_CHECKING:
    from workbench.leads import Leads
    from workbench.workspace import Workspace


class LeadForm:
    """Controls for decisions about partner leads in JupyterLab.

    What somebody has typed stays, for each lead and decision, until it is written down; a refusal
    changes nothing and says why.

    Attributes
    ----------
    leads : Leads
        As they stand with all decisions so far.
    log : DecisionLog
        Where decisions are added.
    drafts : dict
        What has been typed and not yet written down, by lead and decision.
    widget : ipywidgets.VBox
        What a notebook shows.

    Notes
    -----
    Source: partner-leads.md, section 3 (life cycle) and section 11 (favourites: a file per user).
    """

    def __init__(
        self,
        workspace: Workspace,
        log: DecisionLog,
        favourites: DecisionLog | None,
        by: str,
        as_of: Any,
        options: dict[str, Any],
    ) -> None:
        import ipywidgets

        self._kit, self.workspace, self.log = ipywidgets, workspace, log
        self._favourites, self._as_of, self._options = favourites, as_of, options
        self.drafts: dict[tuple[str, str], dict[str, str]] = {}
        self._controls: dict[str, Any] = {}
        self._errors: dict[str, Any] = {}
        self._busy = False
        self.leads = self._asked()
        self._build(by)
        self._listed()

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.widget)

    def __repr__(self) -> str:
        return message("LeadForm: {headline}", headline=self.leads.headline())

    @property
    def lead_id(self) -> str | None:
        """The lead that is shown."""
        chosen: str | None = self._lead.value
        return chosen

    @property
    def decision(self) -> str | None:
        """The decision that is being filled in."""
        chosen: str | None = self._decision.value
        return chosen

    def _asked(self) -> Leads:
        """The leads as they stand now, with the filters that were given."""
        moment = datetime.now(UTC) if self._as_of is None else self._as_of
        more: dict[str, Any] = dict(self._options)
        if self._search_text():
            more["where"] = {**(more.get("where") or {}), "search": self._search_text()}
        return partner_leads(
            self.workspace, as_of=moment, log=self.log, favourites=self._favourites, **more
        )

    def _search_text(self) -> str:
        return str(self._search.value).strip() if hasattr(self, "_search") else ""

    def _build(self, by: str) -> None:
        kit = self._kit
        wide = kit.Layout(width="auto", max_width="900px")
        names = (message("Must be answered"), message("Accepted, still open"), message("All"))
        self._which = kit.ToggleButtons(
            options=list(zip(names, answering.LISTS, strict=True)), style={"button_width": "auto"}
        )
        self._search = kit.Text(
            placeholder=message("search"), continuous_update=False, layout=kit.Layout(width="260px")
        )
        self._head, self._told, self._known = kit.HTML(), kit.HTML(), kit.HTML()
        self._lead = kit.Select(options=[], rows=8, layout=kit.Layout(width="auto"))
        self._decision = kit.ToggleButtons(options=[], style={"button_width": "auto"})
        self._fields = kit.VBox()
        self._by = kit.Text(
            value=by, description=message("Your name"), style={"description_width": "210px"},
            layout=kit.Layout(width="520px"),
        )  # fmt: skip
        self._do = kit.Button(description=message("Write it down"), button_style="primary")
        self._said = kit.HTML()
        self._which.observe(lambda _: self._listed(), "value")
        self._search.observe(lambda _: self._searched(), "value")
        self._lead.observe(lambda _: self._shown(), "value")
        self._decision.observe(lambda _: self._asks(), "value")
        self._do.on_click(lambda _: self.decide())
        self._form = kit.VBox([self._known, self._decision, self._fields, self._by, self._do])
        self.widget = kit.VBox(
            [
                self._head, kit.HBox([self._which, self._search]), self._told, self._lead,
                self._said, self._form,
            ],
            layout=wide,
        )  # fmt: skip

    @contextmanager
    def _quietly(self) -> Any:
        """Set controls without being told of it."""
        before, self._busy = self._busy, True
        try:
            yield
        finally:
            self._busy = before

    def _searched(self) -> None:
        try:
            self.leads = self._asked()
        except WorkbenchError as refused:
            self._say(str(refused), wrong=True)
            return
        self._listed()

    def _listed(self, keep: str | None = None) -> None:
        """Show the leads of the chosen list, and one of them."""
        rows = answering.listed(self.leads, self._which.value)
        total = answering.counted(self.leads, self._which.value)
        before = keep or self.lead_id
        with self._quietly():
            self._lead.options = [(label, key) for label, key in rows]
            keys = [key for _, key in rows]
            self._lead.value = before if before in keys else (keys[0] if keys else None)
        old = answering.age_of(self.workspace.as_of, self.leads.question.as_of)
        texts = [self.leads.headline(), old]
        self._head.value = "".join(f"<p><b>{html.escape(t)}</b></p>" for t in texts if t)
        self._told.value = html.escape(
            message("Nothing to show here.")
            if not rows
            else ""
            if total == len(rows)
            else message(
                "The {n} most pressing of {total} are listed; the search finds the others.",
                n=len(rows),
                total=f"{total:,}",
            )
        )
        self._shown()

    def _shown(self) -> None:
        """Show what is known of the chosen lead, and which decisions it allows."""
        if self._busy:
            return
        self._form.layout.display = "" if self.lead_id else "none"
        if not self.lead_id:
            return
        known = answering.known_of(self.leads, self.lead_id)
        self._known.value = known_html(known, self._contact())
        names = answering.decision_names()
        allowed = answering.asked_for(self.leads, self.lead_id)
        before = self.decision
        with self._quietly():
            self._decision.options = [(names[name], name) for name in allowed]
            self._decision.value = before if before in allowed else allowed[0]
        self._asks()

    def _contact(self) -> dict[str, str]:
        """Mail address and number for copying, where they are shown."""
        try:
            return self.leads.contact(self.lead_id or "")
        except WorkbenchError:
            return {}

    def _asks(self) -> None:
        """Show the fields of the chosen decision with what was typed before."""
        if self._busy or not self.lead_id or not self.decision:
            return
        lead, decision = self.lead_id, self.decision
        start = answering.filled_in(self.leads, lead, decision)
        draft = self.drafts.get((lead, decision), {})
        self._controls, self._errors, rows = {}, {}, []
        for name in FIELDS[decision]:
            control = self._control(name, decision, {**start, **draft}[name])
            control.observe(self._typed(lead, decision, name), "value")
            self._controls[name], self._errors[name] = control, self._kit.HTML()
            rows.append(self._kit.VBox([control, self._errors[name]]))
        self._fields.children = rows

    def _control(self, name: str, decision: str, value: str) -> Any:
        kit = self._kit
        needed = name in REQUIRED.get(decision, ())
        label = answering.field_names()[name] + (" *" if needed else "")
        more = {
            "description": label, "value": value,
            "placeholder": answering.examples().get(name, ""),
            "style": {"description_width": "210px"},
            "layout": kit.Layout(width="520px"),
        }  # fmt: skip
        options = answering.choices(self.leads, name)
        if name in answering.LONG_TEXTS:
            return kit.Textarea(**more)
        if options:
            return kit.Combobox(options=options, ensure_option=False, **more)
        return kit.Text(**more)

    def _typed(self, lead: str, decision: str, name: str) -> Callable[[Any], None]:
        """Keep what is typed for this lead and decision."""

        def keep(change: Any) -> None:
            self.drafts.setdefault((lead, decision), {})[name] = change["new"]

        return keep

    def decide(self) -> None:
        """Write the decision down, or say beside each field what it needs."""
        if not self.lead_id or not self.decision:
            return
        lead, decision = self.lead_id, self.decision
        typed = {name: control.value for name, control in self._controls.items()}
        values = {name: answering.read(name, text) for name, text in typed.items()}
        if decision == "edit":
            start = answering.filled_in(self.leads, lead, decision)
            values = {name: v for name, v in values.items() if typed[name] != start[name]}
        wrong = field_errors(decision, values)
        for name, place in self._errors.items():
            place.value = alert(wrong[name], beside=True) if name in wrong else ""
        if wrong:
            self._say(
                message_of_count(
                    "{count} field needs another look; nothing was changed.",
                    "{count} fields need another look; nothing was changed.",
                    len(wrong),
                ),
                wrong=True,
            )
            return
        given = {name: value for name, value in values.items() if value not in (None, "", [])}
        target = self._favourites if self._favourites and decision in HEARTS else self.log
        try:
            said = target.decide(
                self.workspace, lead, decision, at=self._at(lead, target),
                by=self._by.value, expiry=self._options.get("expiry", "exact"), **given,
            )  # fmt: skip
        except WorkbenchError as refused:
            # Somebody else may have decided: what is typed stays, the list is read anew.
            self._say(str(refused), wrong=True)
            self._again(lead)
            return
        self.drafts.pop((lead, decision), None)
        self._say(said, wrong=False)
        self._again(lead)

    def _again(self, lead: str) -> None:
        try:
            self.leads = self._asked()
        except WorkbenchError as refused:
            self._say(str(refused), wrong=True)
            return
        self._listed(keep=lead)

    def _at(self, lead: str, target: DecisionLog) -> datetime | None:
        """When it is decided: now, or the instant that is looked from."""
        if self._as_of is None:
            return None
        moment = self.leads.question.as_of
        known = target.frame
        mine = known.loc[known["lead_id"] == lead, "at"]
        return max([moment, *(at.to_pydatetime() for at in mine)])

    def _say(self, text: str, *, wrong: bool) -> None:
        self._said.value = alert(text) if wrong else f"<p role='status'>{html.escape(text)}</p>"


def decide_leads(
    workspace: Workspace,
    *,
    log: Any,
    favourites: Any = None,
    by: str = "",
    as_of: Any = None,
    tab: str = "all",
    where: Any = None,
    **options: Any,
) -> LeadForm:
    """Accept, decline, close, edit and mark partner leads by hand in JupyterLab.

    The leads stand in order of their clocks. Each decision shows what it needs; what is missing or
    not allowed is said beside the field, and nothing is lost. Decisions are added to the log and
    never changed; who decides second about a lead is told what was decided first.

    Parameters
    ----------
    workspace : Workspace
    log : str, path or DecisionLog
        The file is made with the first decision.
    favourites : str, path or DecisionLog, optional
        One person's own file for favourites; else they stand in the log.
    by : str
        Who decides; can be changed in the form.
    as_of : str, date or datetime, optional
        Look from this instant and date decisions so, as for data of the past; now when left out.
    tab, where
        As in `workbench.partner_leads`.
    **options
        What else `workbench.partner_leads` takes, such as ``spam_domains``.

    Returns
    -------
    LeadForm
        Its ``leads`` are the leads with every decision so far.

    Raises
    ------
    AbsentError
        When ipywidgets is not installed, or the workspace has no partner leads.
    ArgumentError
        For a value that is not allowed.

    Notes
    -----
    Source: partner-leads.md, introduction (decision log) and section 3 (life cycle).
    """
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        raise AbsentError(
            message(
                "Deciding by hand needs ipywidgets, which is not installed here. Run: "
                "pip install 'b2b-journey-workbench[lab]'"
            )
        ) from None
    if not isinstance(by, str):
        raise ArgumentError.of("by", by, message("a name"))
    decisions = log if isinstance(log, DecisionLog) else DecisionLog(log)
    more = {"tab": tab, "where": where, **options}
    return LeadForm(workspace, decisions, favourites_named(favourites), by, as_of, more)
