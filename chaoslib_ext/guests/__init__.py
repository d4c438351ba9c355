"""This room makes other people's experiments safe, as they are: their own rollbacks are played whatever happens to the
run, and actions whose inverse is known (`chaostoxi`) get an undo of ours.

It never decides whether something may run, and never edits an experiment.
"""
