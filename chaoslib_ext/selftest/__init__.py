"""This room proves on the machine it runs on that nothing is left behind: it ends runs at every step, and looks.

Runs are real (`chaos run`, or the door without a control), in child processes, on a server, a state folder and a
journal folder of their own. Nothing imports this room but its command, and what stands in the child (`tracer.py`) is
never loaded into a run of anybody else.
"""
