"""This room takes faults back: a log written before each fault, its replay, and a second process that outlives the run.

It never speaks to a target itself: what undoes is handed in (`UNDOERS`), what is undone is data.
"""
