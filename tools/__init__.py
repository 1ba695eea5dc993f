"""What a bare machine lacks: how Mailstead gets its engine, its provider, its simulated vCenter and its checkers.

Python here imports the standard library and rich only, and nothing else of Mailstead. `README.md` explains the chain.
"""
