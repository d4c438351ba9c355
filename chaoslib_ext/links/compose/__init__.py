"""A compose file, read without Docker: its services, what they call each other, and what of that can be a link."""
