"""The web page: its parts, how it looks, and the one module that builds its HTML."""
