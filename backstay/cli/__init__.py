"""What the operator types: parses, then starts, updates and queries.

- main: the commands
- usage: what is said of a command that was typed wrongly
- exits: what a command's exit code says
- screen: lines and columns on a terminal or in a file, and JSON instead of them
- plan_file: a plan from a file, or every reason why there is none
- plan_check, plan_page, plan_report: what a plan will do
- demo, demo_page: the whole house on a fresh folder, and stories in it
- telling_page: how a told line and a check look
- rehearse, rehearse_page: the rules alone, on a scripted tape
- gateway, gateway_options, gateway_run, gateway_faults: a simulated IB Gateway to connect to
- worker: a process that carries trades out
- program: the commands as a process, and how it ends
- given, values: what many commands are given, and values as they are typed
- asking: one question to the engine, and one line where nobody answers
- trade: the commands about trades; trade_finding, trade_line: which one is meant, how it stands
- trade_submit, trade_list, trade_steer: hand a plan in, list, steer; each with what it reports
- watch, watch_report, watch_page, watch_run: what every trade does now, redrawn
- orders, orders_report, orders_page, orders_by_engine: the orders, and those that are unknown
- plan_names: what the plans of trades are called, by the book
- live_asking, live_header: the broker worker's pages, and the first lines of what shows them
- kill, killing, kill_report, kill_page: trading is stopped
"""

import zoneinfo

# A command decides by zone rules: they come from the locked tzdata and not from the machine, and
# that has to be settled before the first zone is read.
zoneinfo.reset_tzpath(())
