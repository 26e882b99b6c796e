"""An engine in memory: what Temporal's server does for us, in one thread and on a virtual clock.

It keeps real histories, in the engine's own protobufs, and hands out tasks; whoever takes them up
is a worker of ours, or none. It neither knows trading nor imports anything of it.

- tasks: what is handed out, and what comes back

On the workers' side of it:

- workers: who polls, for workflows and for activities
- steps: one run in a worker's memory, its history in and its commands out
- stretches: where one activation ends in a history, and the next begins
- ledger: what a run has asked for, held against its history
- identities: what an event of a command is about
- asked: what a workflow hears of a timer, a call or a child
- telling: the wording of everything else that it hears
- randomness: the number from which a workflow's dice follow
- attempts: one attempt of an activity
- beats: its heartbeats
- persistence: how long a worker asks an engine that is not there
- adapter: the one door to what the library keeps private
- replaying: the library's own replay of what was written down
"""
