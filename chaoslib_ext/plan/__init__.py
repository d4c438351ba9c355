"""This room thinks about an experiment before it runs: what it would do, to whom, for how long. It writes nothing."""
