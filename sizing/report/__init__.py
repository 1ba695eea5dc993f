"""What a person is told about sizes: `page.page` is one self-contained page, `tables.tables` are tables for a spreadsheet.

Every number is one of `model.Report`'s, which are those of `mailstead size --json`: deliberately computes no size of its own. Pure as all
of sizing: it makes texts, `cli.report` writes them.
"""
