"""This room says how things break and how they heal: one fault a file, one door (`inject.inject`)."""
