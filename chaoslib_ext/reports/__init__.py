"""This room tells people about a run: one format a file, each with `render(story) -> str`. It sees no system."""
