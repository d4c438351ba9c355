"""This room turns rooms into `chaos` commands: one command a file, loaded when it is typed, imported by nobody."""
