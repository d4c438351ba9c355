"""Links: what can be hurt, written down in `links.yaml`, and the way there from a variable or a compose file."""
