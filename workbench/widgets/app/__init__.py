"""The explorers as a page of their own, served by Voilà."""

from workbench.widgets.app.serving import app_notebook, serve_app

__all__ = ["app_notebook", "serve_app"]
