"""The whole house with one command: engine, gateway and both workers, kept alive by one process.

- house: everything in one block, from what is looked at first to the last process that ends
- household, keeper: all parts together, and one part that is begun, seen dying and begun again
- policy: when it is begun again and when it is given up, as a pure function
- ends: how a process has ended, in one line
- parts, children, mortal, asking: what is typed to begin each, its process, its log, its health
- folder, ground, places, lock: the data folder and what stands where in it, complete and sound;
  programs and ports; one keeper at a time
- roster, identity, leftovers: who runs there, by process id and start time, and who was left
- report, alarms, stops: how it stands, and what a person has to know
"""
