"""A small shop of three services, as a team would ship it, weaknesses included.

It is configured by environment variables like any real service, and neither imports nor knows the toolkit around it.
"""
