"""The typed stubs by which a workflow calls an activity.

It owns the one table of timeouts and retries. It refuses to know how a call is carried out: it
imports the domain's values and none of the other doors, so that `workflows` may import it.
"""
