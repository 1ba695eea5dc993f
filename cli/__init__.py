"""What can be typed: the `mailstead` command.

Deliberately holds no rule and no arithmetic: it reads a stack, asks the other packages, and shows what they say.
"""

import gc

gc.set_threshold(1_000_000)  # objects; looking for cycles while libraries are loaded is a sixth of a command's start, and it ends soon
