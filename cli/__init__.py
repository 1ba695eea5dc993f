"""What can be typed: the `mailstead` command.

Deliberately holds no rule and no arithmetic: it reads a stack, asks the other packages, and shows what they say.
"""
