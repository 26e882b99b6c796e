"""Simulation and benches: sees everything below the CLI, and nothing below sees it.

- stand_ins: an instrument in place of the one that the broker would name
- first_orders: the orders that a plan begins with
- words: orders, prices and quantities as a person reads them
- virtual_time: an asyncio loop whose clock moves only while everything waits
- timers: what is due when on that loop
- processes: processes inside one loop, which can be counted, frozen and killed at a step
- at_once: in place of a thread on that loop
- memory_net: addresses and lines inside one process, for clients on that loop
- oracle: the judge that reads what the gateway recorded, and believes nothing else
- benches: what is measured for docs/figures.md
- engine: Temporal's server, as far as we need it, in memory and on that loop
- simulation: the whole house on that loop, from one seed, with everything going wrong
- rehearsal: the trading rules, carried through a scripted tape
"""
