"""Reports: a notebook with checked parameters becomes one self-contained page.

Flow: `definitions` reads what a report is, `parameters` refuses what the notebook does not know,
`run` executes through papermill, `cells` reads the executed notebook, `page` puts the parts in
order, `render` writes HTML, `site` keeps the index.
"""
