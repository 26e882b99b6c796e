"""What every test shares: how Hypothesis searches, and where time zones come from.

The default profile draws the same examples every time, so that a red run is red for everybody.
`--hypothesis-profile=explore` searches at random; `mutants` is small, because it runs once for
each mutant. No profile looks at the clock: a duration measured in a test is a flake.
"""

import zoneinfo

from hypothesis import HealthCheck, settings

# Zone rules come from the locked tzdata package, not from whatever the machine has.
zoneinfo.reset_tzpath(())

settings.register_profile(
    "steady",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
steady = settings.get_profile("steady")
settings.register_profile("explore", steady, derandomize=False, max_examples=2000)
settings.register_profile("mutants", steady, max_examples=25)
settings.load_profile("steady")
