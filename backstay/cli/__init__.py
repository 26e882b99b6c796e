"""What the operator types: parses, then starts, updates and queries.

- main, program: the commands, as a process, and how it ends
- usage: what is said of a command that was typed wrongly
- exits: what a command's exit code says
- screen: lines and columns on a terminal or in a file, and JSON instead of them
- badges: PAPER or LIVE, and how a session looks
- given, values, completing: what many commands are given, as it is typed, and offered by a shell
- asking: one question to the engine, and one line where nobody answers
- engine_loop: the loop of a command that asks the engine
- house: everything with one command, or one worker
- stories: the demo, and the rehearsal of the rules
- simulate: the whole house from seeds, with everything going wrong
- plan, trade, live, account: plans, trades, what is live, the account and its kill switch
- doctor: what keeps trades from being carried out
- gateway: a simulated IB Gateway to connect to
- bench: how fast it is
"""

import zoneinfo

# A command decides by zone rules: they come from the locked tzdata and not from the machine, and
# that has to be settled before the first zone is read.
zoneinfo.reset_tzpath(())
