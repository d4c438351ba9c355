"""This room asks a system from outside, as its users do, and says what came back and how long it took.

It never changes the system it asks, and knows nothing of faults.
"""
