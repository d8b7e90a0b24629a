"""The answer: nodes, arrows, a picture, a sentence, and the containers behind every number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.engine.store import Stream
from workbench.errors import ArgumentError
from workbench.journeys.canvas import arrows as arrow_numbers
from workbench.journeys.canvas import audience, chart, figures, members, nodes, wording
from workbench.journeys.canvas import conversion as converting
from workbench.journeys.canvas.conversion import Conversion
from workbench.journeys.canvas.counting import Group
from workbench.journeys.canvas.points import Point, one_point, points_from
from workbench.journeys.canvas.question import Question
from workbench.results.base import Block, Result, Scope
from workbench.results.tables import Column
from workbench.vocabulary.segments import Segment

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.canvas.breakdown import Breakdown
    from workbench.journeys.canvas.neighbours import Neighbours
    from workbench.journeys.canvas.paths import Paths
    from workbench.journeys.canvas.trend import Trend


class Canvas(Result):
    """Containers that reached the nodes of a graph, and the arrows by which they did.

    Attributes
    ----------
    question : Question
    groups : tuple of Group
        All containers, or the compared segments.
    scope : Scope
    units : dict
        Currency of each measure that is added up; empty for a plain number.
    """

    columns: ClassVar[Mapping[str, str]] = nodes.COLUMNS
    arrow_columns: ClassVar[Mapping[str, str]] = arrow_numbers.COLUMNS
    kind: ClassVar[str] = "canvas"

    def __init__(
        self,
        *,
        question: Question,
        groups: tuple[Group, ...],
        scope: Scope,
        stream: Stream,
        units: dict[str, str],
    ) -> None:
        self.question = question
        self.groups = groups
        self.scope = scope
        self.stream = stream
        self.units = units
        self.definition = question.plain()

    @property
    def frame(self) -> pd.DataFrame:
        """One line a group and node, in walking order, with the columns of `Canvas.columns`."""
        return self.nodes

    @cached_property
    def nodes(self) -> pd.DataFrame:
        """The same as `frame`."""
        parts = [nodes.nodes_frame(self.question, group) for group in self.groups]
        return pd.concat(parts, ignore_index=True)

    @cached_property
    def arrows(self) -> pd.DataFrame:
        """One line a group and arrow, with the columns of `Canvas.arrow_columns`."""
        parts = [arrow_numbers.arrows_frame(self.question, group) for group in self.groups]
        return pd.concat(parts, ignore_index=True)

    @property
    def graph(self) -> dict[str, Any]:
        """Plain arguments of `wb.canvas` that ask the same again, for a file or for `edits`."""
        return self.question.mapping()

    def headline(self) -> str:
        """The best conversion, and where most fall out."""
        return wording.headline(self)

    def reading(self) -> str:
        """Denominators, which rows count, what is small, and what is larger than its parent."""
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """The question in sentences."""
        return wording.definitions(self)

    def notes(self) -> list[str]:
        """Every node whose number exceeds that of a node before it, and why."""
        return wording.notes(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return wording.shown(self)

    def chart(self) -> alt.TopLevelMixin:
        """The graph in layers: boxes with their numbers, arrows as wide as who took them."""
        return chart.draw(self)

    def group(self, name: str | None = None) -> Group:
        """One of the groups by name; the first when left out."""
        if name is None:
            return self.groups[0]
        for group in self.groups:
            if group.name == name:
                return group
        raise ArgumentError.of("group", name, [g.name for g in self.groups])

    def points(self, node: Any = None, arrow: Any = None, fallout: Any = None) -> tuple[Point, ...]:
        """What is pointed at; the end of the best conversion when nothing is named."""
        named = any(value is not None for value in (node, arrow, fallout))
        default = 0 if named else self.question.graph.number[self.conversion().end]
        return points_from(self.question.graph, default, node, arrow, fallout)

    def members(
        self,
        node: str | None = None,
        *,
        arrow: Sequence[str] | None = None,
        fallout: str | None = None,
        group: str | None = None,
    ) -> pd.DataFrame:
        """The containers behind a number.

        Parameters
        ----------
        node : str, optional
            Id of a node; the end of the best conversion when nothing is named.
        arrow : pair of str, optional
            Those who took the arrow from one node to another.
        fallout : str, optional
            Those who reached this node and none of its next ones from it.
        group : str, optional
            Name of a compared group; the first when left out.

        Returns
        -------
        pandas.DataFrame
            As `workbench.journeys.canvas.members.COLUMNS`.
        """
        point = one_point(self.points(node, arrow, fallout))
        return members.members(self, point, self.group(group))

    def number(
        self,
        node: str | None = None,
        *,
        arrow: Sequence[str] | None = None,
        fallout: str | None = None,
        group: str | None = None,
    ) -> dict[str, Any]:
        """One number with what it is a share of, as an alert or a sentence needs it.

        Returns
        -------
        dict
            ``label``, ``containers``, ``of`` (all in scope for a node, those at its source for an
            arrow, those at the node for a fallout), ``share`` and, for a node, ``value``.
        """
        point = one_point(self.points(node, arrow, fallout))
        chosen, graph = self.group(group), self.question.graph
        count = int(np.count_nonzero(point.containers(chosen)))
        bases = {
            "node": chosen.counted,
            "arrow": chosen.at(graph.links[point.arrow].source),
            "fallout": chosen.at(point.node),
        }
        of = int(np.count_nonzero(bases[point.kind]))
        out = {
            "label": point.label(graph),
            "containers": count,
            "of": of,
            "share": count / of if of else None,
        }
        if point.kind == "node":
            out["value"] = float(chosen.tally(self.question.primary).nodes[point.node])
        return out

    def breakdown(
        self,
        node: str | Sequence[str] | None = None,
        *,
        dimension: str,
        arrow: Any = None,
        fallout: str | Sequence[str] | None = None,
        group: str | None = None,
        items: int | None = 5,
    ) -> Breakdown:
        """Rows at one or several points told apart by a dimension; None for all `items`."""
        from workbench.journeys.canvas.breakdown import breakdown

        points = self.points(node, arrow, fallout)
        return breakdown(self, points, dimension, self.group(group), items)

    def trend(
        self,
        node: str | None = None,
        *,
        arrow: Sequence[str] | None = None,
        fallout: str | None = None,
        granularity: str = "month",
        date: str = "reach",
    ) -> Trend:
        """A point over time; see `workbench.journeys.canvas.trend.trend`."""
        from workbench.journeys.canvas.trend import trend

        point = one_point(self.points(node, arrow, fallout))
        return trend(self, point, granularity=granularity, date=date)

    def top_nodes(
        self,
        *,
        after: str | None = None,
        before: str | None = None,
        between: Sequence[str] | None = None,
        dimension: str = "event",
        items: int | None = 3,
        group: str | None = None,
    ) -> Neighbours:
        """What could be drawn next: directly after an end, before a start, or on an arrow.

        ``.graph()`` of the answer draws the top items. With nothing named: the top items of all
        events in scope. None for all `items`.
        """
        from workbench.journeys.canvas.neighbours import top_nodes

        return top_nodes(
            self, self.group(group), after=after, before=before, between=between,
            dimension=dimension, items=items,
        )  # fmt: skip

    def after_fallout(
        self,
        node: str,
        *,
        dimension: str = "event",
        items: int | None = 10,
        group: str | None = None,
    ) -> Neighbours:
        """What those who fell out at a node did directly after it."""
        from workbench.journeys.canvas.neighbours import around

        (point,) = points_from(self.question.graph, 0, fallout=node)
        return around(self, self.group(group), point, "after_fallout", dimension, items)

    def path_table(self) -> Paths:
        """Every way from a start to an end, with its own counts."""
        from workbench.journeys.canvas.paths import path_table

        return path_table(self)

    def conversion(self, *, rule: str = "best", group: str | None = None) -> Conversion:
        """The rate of the best start and end; see `workbench.journeys.canvas.conversion`."""
        if rule not in converting.RULES:
            raise ArgumentError.of("rule", rule, converting.RULES)
        return converting.conversion(self.question, self.group(group), rule)

    def segment_of(
        self,
        node: str | Sequence[str] | None = None,
        *,
        arrow: Any = None,
        fallout: str | Sequence[str] | None = None,
        name: str | None = None,
    ) -> Segment:
        """A segment of the containers at one of some points; several are joined with OR."""
        points = self.points(node, arrow, fallout)
        return audience.segment_of(self.question, points, name)

    def steps_along(self, path: Sequence[str]) -> list[dict[str, Any]]:
        """The steps of a way through the graph, as `wb.fallout` takes them."""
        return audience.plain_steps(self.question.graph, path)

    def shares(self) -> pd.DataFrame:
        """Label, count and total of each node of the first group, for `compare`."""
        first = self.nodes[self.nodes["group"] == self.groups[0].name]
        return first[["label", "containers", "total"]].set_axis(["label", "count", "total"], axis=1)

    def key_figures(self) -> Block:
        """Three to five numbers for the head of a page."""
        return figures.figures(self)
