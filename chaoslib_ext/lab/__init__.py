"""A guest in the house: a small real shop to break, its database, its cache and its links.

The shop (`shop/`) is an ordinary application and knows nothing of faults; the rest of this folder brings it up with
each of its links through the fault proxy, repairs it, and takes it down without a trace. Nothing imports this room
but the command line, and experiments that ask `where` the shop listens.
"""
