"""Our values in ib_async's words, and back.

- figures, times: numbers and times, exactly or not at all
- contracts: instruments to contracts; what the catalogue says, as values
- orders: intents to ib_async's orders
- writing: requests as whole frames
- decoding: ib_async's decoder, which loses nothing in silence
- hearing: what the decoder calls: one method for each kind of message
- deafness: the kinds of messages that nobody here reads
- telling: what a message amounts to, as news
- errors: what each error code means
"""
