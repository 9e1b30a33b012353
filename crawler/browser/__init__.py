"""The ledger in a browser: an index that can be thrown away, pages over it, and the one form that writes.

`index.py` keeps the index (`schema.py`, `ingest.py`, `tallies.py` make it), `overview.py` and `lookup.py` read it,
`report.py` writes the overview as one file; `datasette_app.py` serves all of it and is the only module that imports
Datasette.
"""
