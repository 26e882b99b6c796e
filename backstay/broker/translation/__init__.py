"""Our values in ib_async's words, and back.

- figures, times: numbers and times, exactly or not at all
- contracts: instruments to contracts; what the catalogue says, as values
- orders: intents to ib_async's orders
- writing: requests as whole frames
- fields: what is put right before ib_async decodes a message
- hearing: what the decoder calls: one method for each kind of message that matters
- telling: what a message amounts to, as news
- errors: the one table of error codes
- judging: what an error about an order amounts to, by what was asked of it last
"""
