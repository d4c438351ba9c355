"""This room asks a system from outside, as its users do, and says what came back and how long it took.

It never changes the system it asks, and knows nothing of faults. Each question has a time limit for the whole of it
(`bounded`); what could not be measured is an error, never a value.
"""
