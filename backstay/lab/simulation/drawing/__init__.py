"""From a seed to a scenario: pure, and the same in every process.

Each concern throws a die of its own, so a new question asked of one moves no answer of another.
Every seed has moods of its own: most have a few kinds of trouble that strike hard, some have all of
them at once, and a few have none.

- draw: a whole scenario
- stories: small ones with names, in which nothing goes wrong
- names: what can go wrong, by name
- mood: what goes wrong in a run, and how hard
- throws: what is asked of a die
- profiles: how the gateway behaves, and what is believed of it
- moments: when a run begins, and when somebody watches
- ideas: what a trade is about, in prices; plans: the same as the text of a plan
- paths: where a price goes; market: what is shown of it
- hands: what a person does
- cues: when something is to happen; strikes: what befalls the workers and the engine
- casts: what a scene is made of; entrances, recalls, holds, exits: scenes; scenes: which one a run
  has
- recipes: how each fault of the gateway is planned; rules: those of a run
"""
