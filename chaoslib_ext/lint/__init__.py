"""This room reads experiments as the host will read them, and says all that is wrong at once. It runs and asks nothing.

Text in, findings out: no network, no import of what an experiment names, nothing written.
"""
