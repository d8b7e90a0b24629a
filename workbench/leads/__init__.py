"""Partner leads: what came in, what must be answered when, and how well it is answered."""

from workbench.leads.ask import lead_funnel, partner_leads
from workbench.leads.funnel import LeadFunnel
from workbench.leads.log import DecisionLog, decision_log
from workbench.leads.result import Leads

__all__ = ["DecisionLog", "LeadFunnel", "Leads", "decision_log", "lead_funnel", "partner_leads"]
