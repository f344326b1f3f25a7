"""How the reader model in `assistant/weights/` was trained; the package `assistant` does not import it."""
