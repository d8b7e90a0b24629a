"""Every word that the page itself says, in the reader's language."""

from __future__ import annotations

from typing import Any

from workbench.messages import message


def words() -> dict[str, Any]:
    """Words of the page by name; places in braces are filled by the page."""
    return {**_bar(), **_list(), **_menus(), **_panels(), **_signs(), "keys": _keys()}


def _bar() -> dict[str, str]:
    return {
        "tools": message("Tools of the canvas"),
        "stage": message("Journey canvas"),
        "undo": message("Undo"),
        "redo": message("Redo"),
        "zoomIn": message("Zoom in"),
        "zoomOut": message("Zoom out"),
        "fit": message("Fit"),
        "tidy": message("Tidy"),
        "tidyHint": message("Put all boxes in layers again"),
        "container": message("What is counted"),
        "primary": message("Number of the boxes"),
        "percent": message("What percentages are of"),
        "period": message("Period, such as 2026-01..2026-06"),
        "periodUsual": message("all, or 2026-01..2026-06"),
        "containerShort": message("Count"),
        "primaryShort": message("Boxes show"),
        "percentShort": message("with"),
        "periodShort": message("Period"),
        "segmentShort": message("Only"),
        "onlySegment": message("Only a segment that is kept under a name"),
        "keysTitle": message("Keys"),
    }


def _list() -> dict[str, str]:
    return {
        "field": message("What to choose from"),
        "find": message("Find"),
        "dropHere": message("drop it on the canvas"),
        "addHere": message("Put on the canvas"),
        "addAfterNode": message("Put after “{node}”", node="{node}"),
        "addBeforeNode": message("Put before “{node}”", node="{node}"),
        "combine": message("Combine with “{node}”", node="{node}"),
        "insert": message("Put between “{from}” and “{to}”", **{"from": "{from}", "to": "{to}"}),
        "topAnywhere": message("Draw the top 3 values"),
        "topBetween": message(
            "Draw the top 3 between “{from}” and “{to}”", **{"from": "{from}", "to": "{to}"}
        ),
        "breakDown": message("Break “{node}” down by it", node="{node}"),
        "choose": message(
            "Choose from the list what comes after “{node}”; Escape for nothing.", node="{node}"
        ),
    }


def _menus() -> dict[str, str]:
    return {
        "actions": message("Actions"),
        "port": message("Drag to another box"),
        "arrowTitle": message("{from} → {to}", **{"from": "{from}", "to": "{to}"}),
        "members": message("Who is it?"),
        "breakdown": message("Break down"),
        "topAfter": message("Top nodes after"),
        "topBefore": message("Top nodes before"),
        "topOnArrow": message("Top nodes between"),
        "fallout": message("Who went no further?"),
        "breakdownFallout": message("Break down who went no further"),
        "topFallout": message("What came instead"),
        "connect": message("Connect to…"),
        "addAfter": message("Add after…"),
        "nothingToConnect": message("There is no other box to connect to."),
        "rename": message("Rename"),
        "duplicate": message("Duplicate"),
        "exclude": message("Exclude who comes here"),
        "include": message("Exclude nobody here"),
        "segment": message("Segment"),
        "segmentFallout": message("Segment of who went no further"),
        "remove": message("Delete"),
        "cut": message("Delete the arrow"),
        "limits": message("Limits and label"),
        "times": message("Times and people"),
    }


def _panels() -> dict[str, str]:
    return {
        "details": message("Details"),
        "close": message("Close"),
        "refused": message("This cannot be shown"),
        "dimension": message("Dimension"),
        "by": message("by"),
        "drawTop": message("Draw the top 3"),
        "drawJoined": message("As one box"),
        "noRows": message("Nobody."),
        "pull": message("Drag onto the canvas"),
        "within": message("Within"),
        "after": message("Not before"),
        "label": message("Label"),
        "repeat": message("Times again"),
        "limitsHint": message(
            "A number with its unit, such as 90d, 24h or 30min; empty for no limit."
        ),
        "apply": message("Apply"),
        "applyYaml": message("Read it"),
        "name": message("Name"),
        "segmentHint": message("In the notebook: the attribute segment of the editor."),
        "keep": message("Keep under this name"),
        "copy": message("Copy"),
        "copied": message("Copied."),
        "notCopied": message("Copying is not allowed here: press Ctrl+C."),
        "file": message("File"),
        "save": message("Save"),
    }


def _signs() -> dict[str, str]:
    return {
        "wrong": message("not in these data"),
        "slow": message("Counting …"),
        "silent": message(
            "The kernel has not answered for a while; it may be busy with another cell."
        ),
        "again": message("Ask again"),
        "dead": message(
            "The kernel does not answer any more. The picture is the last one it gave; run the "
            "cell again to go on. YAML still holds what was drawn."
        ),
    }


def _keys() -> list[list[str]]:
    return [
        ["Tab", message("to the next box or arrow")],
        ["← ↑ → ↓", message("move the box, or the canvas; further with Shift")],
        ["Enter", message("menu of the box or arrow")],
        ["A", message("add a box after this one")],
        ["C", message("connect the box to another one")],
        ["L", message("limits of the arrow")],
        ["F2", message("rename the box")],
        ["Delete", message("delete; neighbours are connected")],
        ["Ctrl+Z, Ctrl+Y", message("undo, redo")],
        ["/", message("to the list; ↓ and Enter choose from it")],
        ["+ − 0", message("zoom in, zoom out, fit; also Ctrl and the wheel")],
        ["Esc", message("close, or back to the canvas")],
    ]
