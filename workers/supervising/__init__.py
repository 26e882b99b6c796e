"""The whole house with one command: engine, gateway and both workers, kept alive by one process.

- folder: what stands where in the data folder, and who may work in it
- roster: who runs there, by process id and start time, for whoever looks or cleans up
"""
