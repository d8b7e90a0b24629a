"""How each result class is made in the worlds of the law; one module an analysis."""

from __future__ import annotations

import importlib
import pkgutil

MAKERS = {
    name: make
    for module in pkgutil.iter_modules(__path__)
    for name, make in importlib.import_module(f"{__name__}.{module.name}").MAKERS.items()
}
