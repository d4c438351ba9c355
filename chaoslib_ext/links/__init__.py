"""Links: what can be hurt, written down in `links.yaml`, and the way there from a URL or a compose file."""
