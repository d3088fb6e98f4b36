"""Reports for people: pages over the tables of a run, one article's page, notebook display, plots.

    tables of a run (load) + source texts (originals)
        -> article pages (article) and an index (index) -> files (write)

Pages hold everything they need: no request leaves them, and article text reaches a page only as
escaped text or as JSON that scripts put into text nodes.
"""
