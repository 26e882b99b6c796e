"""An engine in memory: what Temporal's server does for us, in one thread and on a virtual clock.

It keeps real histories, in the engine's own protobufs, and hands out tasks; whoever takes them up
is a worker of ours, or none. It neither knows trading nor imports anything of it.

- tasks: what is handed out, and what comes back
"""
