"""The assistant over HTTP: `/api/v1` for scripts, `/v1` for clients of OpenAI's interface.

Each module has one subject, `application` puts them together. All of them render what `Assistant` returns and
decide nothing.
"""
