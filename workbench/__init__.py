"""B2B journeys from exports: checked tables, journey questions, reports.

Names load when they are used, so importing the package costs nothing.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.asking import answers, ask
    from workbench.collaboration.alerts import alert_from, alert_preview, alerts
    from workbench.collaboration.annotations import annotate, annotations
    from workbench.collaboration.anomalies import anomaly_detection
    from workbench.collaboration.comments import comment, comments
    from workbench.errors import WorkbenchError
    from workbench.journeys.attribution import attribution
    from workbench.journeys.audience import audience
    from workbench.journeys.buying_groups import buying_groups
    from workbench.journeys.canvas import canvas
    from workbench.journeys.cohort import cohort
    from workbench.journeys.fallout import fallout
    from workbench.journeys.flow import flow
    from workbench.journeys.gatherings import gatherings
    from workbench.journeys.growth import growth
    from workbench.journeys.survival import survival
    from workbench.journeys.timeline import timeline
    from workbench.journeys.uplift import uplift, uplifts
    from workbench.leads import decision_log, lead_funnel, partner_leads
    from workbench.relationship import relationships
    from workbench.reports.exports.ask import export_report
    from workbench.results.absent import where_possible
    from workbench.results.blocks import data_quality, definitions, header
    from workbench.results.compare import compare
    from workbench.results.sheets import save_excel
    from workbench.results.tables import save_csv
    from workbench.results.uploads import audience_upload
    from workbench.sales.change import pipeline_change
    from workbench.sales.dashboards import dashboard
    from workbench.sales.kpis import anomalies, kpi_design, kpis
    from workbench.sales.pipeline import (
        pipeline,
        pushes,
        sales_cycle,
        slippage,
        stage_conversion,
        velocity,
        win_rates,
    )
    from workbench.sales.reporting import table_report
    from workbench.sales.score import score, score_log, score_review
    from workbench.sales.simulation import forecast_simulation
    from workbench.sales.stages import (
        coaching,
        stage_design,
        stage_moves,
        stage_templates,
        stages,
    )
    from workbench.sales.views import saved_views, view
    from workbench.vocabulary.kept import save_segment, saved_segments
    from workbench.vocabulary.segments import segment
    from workbench.vocabulary.steps import combine, step
    from workbench.widgets.alert_form import edit_alert
    from workbench.widgets.annotation_form import write_annotation
    from workbench.widgets.canvas_editor import edit_canvas
    from workbench.widgets.comment_form import write_comment
    from workbench.widgets.explorer import explore
    from workbench.widgets.lead_form import decide_leads
    from workbench.widgets.list_editor import edit_view
    from workbench.widgets.one_account import account_page
    from workbench.widgets.segment_editor import edit_segment
    from workbench.workspace import Workspace
    from workbench.workspace import open_workspace as open
    from workbench.workspace import workspace_from_frames as from_frames

__version__ = "0.1.0"

_PLACES = {
    "WorkbenchError": ("workbench.errors", "WorkbenchError"),
    "Workspace": ("workbench.workspace", "Workspace"),
    "annotate": ("workbench.collaboration.annotations", "annotate"),
    "annotations": ("workbench.collaboration.annotations", "annotations"),
    "answers": ("workbench.asking", "answers"),
    "ask": ("workbench.asking", "ask"),
    "anomalies": ("workbench.sales.kpis", "anomalies"),
    "attribution": ("workbench.journeys.attribution", "attribution"),
    "audience": ("workbench.journeys.audience", "audience"),
    "audience_upload": ("workbench.results.uploads", "audience_upload"),
    "buying_groups": ("workbench.journeys.buying_groups", "buying_groups"),
    "data_quality": ("workbench.results.blocks", "data_quality"),
    "decide_leads": ("workbench.widgets.lead_form", "decide_leads"),
    "decision_log": ("workbench.leads", "decision_log"),
    "definitions": ("workbench.results.blocks", "definitions"),
    "lead_funnel": ("workbench.leads", "lead_funnel"),
    "partner_leads": ("workbench.leads", "partner_leads"),
    "gatherings": ("workbench.journeys.gatherings", "gatherings"),
    "growth": ("workbench.journeys.growth", "growth"),
    "header": ("workbench.results.blocks", "header"),
    "cohort": ("workbench.journeys.cohort", "cohort"),
    "canvas": ("workbench.journeys.canvas", "canvas"),
    "combine": ("workbench.vocabulary.steps", "combine"),
    "comment": ("workbench.collaboration.comments", "comment"),
    "comments": ("workbench.collaboration.comments", "comments"),
    "compare": ("workbench.results.compare", "compare"),
    "edit_canvas": ("workbench.widgets.canvas_editor", "edit_canvas"),
    "edit_segment": ("workbench.widgets.segment_editor", "edit_segment"),
    "edit_view": ("workbench.widgets.list_editor", "edit_view"),
    "explore": ("workbench.widgets.explorer", "explore"),
    "export_report": ("workbench.reports.exports.ask", "export_report"),
    "fallout": ("workbench.journeys.fallout", "fallout"),
    "flow": ("workbench.journeys.flow", "flow"),
    "forecast_simulation": ("workbench.sales.simulation", "forecast_simulation"),
    "from_frames": ("workbench.workspace", "workspace_from_frames"),
    "open": ("workbench.workspace", "open_workspace"),
    "kpi_design": ("workbench.sales.kpis", "kpi_design"),
    "kpis": ("workbench.sales.kpis", "kpis"),
    "relationships": ("workbench.relationship", "relationships"),
    "save_csv": ("workbench.results.tables", "save_csv"),
    "score": ("workbench.sales.score", "score"),
    "score_log": ("workbench.sales.score", "score_log"),
    "score_review": ("workbench.sales.score", "score_review"),
    "segment": ("workbench.vocabulary.segments", "segment"),
    "coaching": ("workbench.sales.stages", "coaching"),
    "stage_design": ("workbench.sales.stages", "stage_design"),
    "stage_moves": ("workbench.sales.stages", "stage_moves"),
    "stage_templates": ("workbench.sales.stages", "stage_templates"),
    "stages": ("workbench.sales.stages", "stages"),
    "step": ("workbench.vocabulary.steps", "step"),
    "timeline": ("workbench.journeys.timeline", "timeline"),
    "uplift": ("workbench.journeys.uplift", "uplift"),
    "uplifts": ("workbench.journeys.uplift", "uplifts"),
    "where_possible": ("workbench.results.absent", "where_possible"),
    "survival": ("workbench.journeys.survival", "survival"),
    "view": ("workbench.sales.views", "view"),
    "save_segment": ("workbench.vocabulary.kept", "save_segment"),
    "saved_segments": ("workbench.vocabulary.kept", "saved_segments"),
    "saved_views": ("workbench.sales.views", "saved_views"),
    "save_excel": ("workbench.results.sheets", "save_excel"),
    "pipeline": ("workbench.sales.pipeline", "pipeline"),
    "pipeline_change": ("workbench.sales.change", "pipeline_change"),
    "pushes": ("workbench.sales.pipeline", "pushes"),
    "sales_cycle": ("workbench.sales.pipeline", "sales_cycle"),
    "slippage": ("workbench.sales.pipeline", "slippage"),
    "stage_conversion": ("workbench.sales.pipeline", "stage_conversion"),
    "velocity": ("workbench.sales.pipeline", "velocity"),
    "win_rates": ("workbench.sales.pipeline", "win_rates"),
    "table_report": ("workbench.sales.reporting", "table_report"),
    "dashboard": ("workbench.sales.dashboards", "dashboard"),
    "alerts": ("workbench.collaboration.alerts", "alerts"),
    "account_page": ("workbench.widgets.one_account", "account_page"),
    "alert_from": ("workbench.collaboration.alerts", "alert_from"),
    "alert_preview": ("workbench.collaboration.alerts", "alert_preview"),
    "anomaly_detection": ("workbench.collaboration.anomalies", "anomaly_detection"),
    "write_annotation": ("workbench.widgets.annotation_form", "write_annotation"),
    "write_comment": ("workbench.widgets.comment_form", "write_comment"),
    "edit_alert": ("workbench.widgets.alert_form", "edit_alert"),
}

__all__ = [
    "WorkbenchError",
    "Workspace",
    "account_page",
    "alert_from",
    "alert_preview",
    "alerts",
    "annotate",
    "annotations",
    "anomalies",
    "anomaly_detection",
    "answers",
    "ask",
    "attribution",
    "audience",
    "audience_upload",
    "buying_groups",
    "canvas",
    "coaching",
    "cohort",
    "combine",
    "comment",
    "comments",
    "compare",
    "dashboard",
    "data_quality",
    "decide_leads",
    "decision_log",
    "definitions",
    "edit_alert",
    "edit_canvas",
    "edit_segment",
    "edit_view",
    "explore",
    "export_report",
    "fallout",
    "flow",
    "forecast_simulation",
    "from_frames",
    "gatherings",
    "growth",
    "header",
    "kpi_design",
    "kpis",
    "lead_funnel",
    "open",
    "partner_leads",
    "pipeline",
    "pipeline_change",
    "pushes",
    "relationships",
    "sales_cycle",
    "save_csv",
    "save_excel",
    "save_segment",
    "saved_segments",
    "saved_views",
    "score",
    "score_log",
    "score_review",
    "segment",
    "slippage",
    "stage_conversion",
    "stage_design",
    "stage_moves",
    "stage_templates",
    "stages",
    "step",
    "survival",
    "table_report",
    "timeline",
    "uplift",
    "uplifts",
    "velocity",
    "view",
    "where_possible",
    "win_rates",
    "write_annotation",
    "write_comment",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'workbench' has no attribute {name!r}")
    module, attribute = _PLACES[name]
    found = getattr(import_module(module), attribute)
    globals()[name] = found
    _let_results_ask()
    return found


def _let_results_ask() -> None:
    """Tell results, once they are loaded, who knows the notes on them: a room above theirs."""
    asking = sys.modules.get("workbench.results.annotating")
    if asking is not None and not asking.is_answered():
        asking.answer_with(_notes)


def _notes(result: Any) -> Any:
    from workbench.collaboration.place import there_is_a_store

    if not there_is_a_store():
        return []
    from workbench.collaboration.annotations.answering import notes_on_result

    return notes_on_result(result)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
