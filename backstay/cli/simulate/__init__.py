"""`backstay simulate`: the whole house on one virtual clock, with everything going wrong.

- command: what is typed; options: what it is given
- asking: which runs are meant
- run: many runs, until they are done or somebody has seen enough
- page, failure_page: how they are shown; document: the same as JSON
- story: one run, told
"""
