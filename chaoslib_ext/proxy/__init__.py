"""This room speaks Toxiproxy: a server of its own, a client for any, and the way back of what was done through them.

It moves bytes and speaks HTTP to Toxiproxy servers. It never decides whether a fault may run, keeps no record, and
knows nothing of experiments.
"""
