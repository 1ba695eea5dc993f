"""The rules that keep mail safe, as a policy pack: Pulumi's engine asks it about every resource of any program, before it acts.

Deliberately knows no rule of its own where the plan, a review or sizing has one: it asks theirs about resources. What a program
does not say, and no configuration either, it calls unseen; it looks at nothing live.
"""
