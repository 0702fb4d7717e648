"""The pytest plugin: fixtures, markers and options. Light: what they do is imported when the first fixture is used."""
