"""Who hears which prices: claims on instruments, and the few lines that the broker grants.

- plan: which instruments have a line, given who wants what and how many there are
- stages: what has become of one line, and when it is asked for again
- rulings: what an error about market data amounts to
- stream: the line of one instrument, and who hears it
- requests: what is asked of the broker, and by which doors it leaves
- feeds: claims in, requests out
"""
