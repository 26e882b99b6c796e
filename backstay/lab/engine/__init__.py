"""An engine in memory: what Temporal's server does for us, in one thread and on a virtual clock.

It keeps real histories, in the engine's own protobufs, and hands out tasks; whoever takes them up
is a worker of ours, or none. It neither knows trading nor imports anything of it.

- tasks: what is handed out, and what comes back

On the engine's own side of it:

- server: the engine, put together
- wires: the way from a caller to the engine and back
- source: the engine as workers see it
- service: the engine as the library's client sees it
- requests: what a client asks about workflows
- surroundings: what it asks beside them
- errors: how the engine refuses
- registry: which runs there are
- runs: what is kept of one run
- lives: how a run begins, goes on, and ends
- workflow_tasks: steps that are wanted or under way
- step_events: what is written of them
- commands: what a step asks for, carried out
- activities: from their schedule to their end
- trying: what a worker is told of an attempt, and its bounds
- retrying: whether there is another one, and when
- timers: the timers of workflows
- children: the children of workflows
- updates: asked, accepted, answered
- queries: questions, which leave nothing behind
- events: how an event gets into a history
- queues: who waits for work, and which work for somebody
- alarms: what the engine has to do later
- listing: the list of runs
- describing: the description of one
- naming: the names that only the engine gives

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
