"""The broker's catalogue: contracts, their price grids and hours, asked for once and kept a while.

- asking: what is asked of the broker here
- choosing: which of the contracts that fit is meant
- building: what the broker says of a contract, as the domain's values
- nearest: why an option does not exist, and the nearest that do
- ranges: bars to volatility
- refreshing: values that are asked for once, and anew before they are too old
- catalogue: all of it, behind one door
"""
