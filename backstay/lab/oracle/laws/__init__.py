"""The laws, one or a few a module: what happens goes in, what was broken comes out.

- records: I1, I4, I10, and that the gateway's own record can be read
- parting: L2, of trades that end; emptying: of a flatten and of a close; ways_out: of an exit
- fractions: which of that no order can be for
- profits: I10, of each trade
- intents: I2
- lifecycles: I3
- stopping: I5
- quotes: I6; aims: that a target stands where it wins
- bounds: I7
- leaving: I8; halts: that no MARKET is sent into one
- fencing: I9
- shields: I11; attaching: that an entry leaves with its stop, and that one lasts
- cover: L1
- resting: L2, L3, L4
- alerting: L5
- acting: L6; guarding: that what has filled is watched at all
- recalling: I2 and L4, of an entry that is taken back
"""
