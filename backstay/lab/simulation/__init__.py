"""The whole house in one thread, on one virtual clock, from one seed, with everything going wrong.

Real workflows, activities, edge, ib_async and gateway; an engine in memory. What a run consists of
is drawn before it begins and is a plain value, so that it can be told, kept, shrunk and played
again. Across a crash only histories, the account's book and the exchange last.

- scenario: what a run consists of
- seeds: one number, and the chances that follow from it
- journal: everything that happens in a run, line by line
- outcome: what came of a run
- drawing: a whole scenario from one seed, and small stories with names
- playing: a scenario in, an outcome out; composing: who is put together for it
- world: what is scheduled when
- venue: the gateway, the market, a person in TWS; staff: the two workers; person: a trader
- employing: the engine, and what everybody has of it; book, settings: what workers are begun with
- cues: when something is to happen; striking: how what goes wrong is done
- recorder: what happens, written down, judged and looked at; premises: what the judge knows before
- senses, watching: which sights there are, what faults have done, how each trade stands
- marks: what a whole run has to reach
- shrinking, simplifying: a scenario made as small as it can be while the same law is broken
- cases, jobs: which runs are asked for, and how one is asked of another process
- player, players: a process that plays, from within and as its employer sees it
- points: where a process can be killed so that it makes a difference
- stage: what a player plays with
- running: many runs in many processes; tally, report: what they come to
- enumerating: a story once for each crash that makes a difference
- describing, telling: a scenario and a journal in words
"""
