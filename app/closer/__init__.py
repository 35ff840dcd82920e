"""A closer look at the typed sentence, for the Reconstruct tab: posterior cloud, token credit, beam tree, blanks.

`state` is what is shown, `requests` asks the models, `controller` turns intent into requests, `desk` brings the state
to the views, `rows` makes lines of the table from it.
"""
