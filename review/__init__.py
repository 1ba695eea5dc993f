"""What a person is told about a preview before it is applied: what it destroys, what it restarts, and whether it may be applied.

Deliberately reads the preview of any program with vSphere resources, and changes nothing.
"""

from review.gate import Reviewed, Verdict, judge
from review.preview import Preview, Unreadable, parse, read
from review.text import text

__all__ = ["Preview", "Reviewed", "Unreadable", "Verdict", "judge", "parse", "read", "text"]
