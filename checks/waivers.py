"""What live checks find, judged by the stack's waivers; what none lets pass yet names the waiver that would."""

from datetime import date

from config.findings import Finding, Level
from config.review import RULES, Review, allowed

_PROGRAM_S = "refused-"  # begins the rules of what the program refuses whatever preflight says: no waiver helps there


def judged(found: Finding, review: Review, today: date) -> Finding:
    """The finding, or a note of it where it is waived; else with the words that would waive it, where some can."""
    answer = allowed(found, review, today)
    waivable = bool(found.names) and found.rule in RULES and not found.rule.startswith(_PROGRAM_S)
    if answer != found or found.level is not Level.UNSAFE or not waivable:
        return answer
    words = f"what: {found.names[0]} and rule: {found.rule}"
    if words in found.next_step:
        return found
    return found.noted(f"{found.next_step}; if it is meant, the stack waives it in mailstead:review with {words}", Level.UNSAFE)
