"""This room looks for what is wrong on this machine and says the command that mends it. It changes nothing itself."""
