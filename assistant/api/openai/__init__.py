"""`/v1`: the assistant as a model, for clients of OpenAI's interface such as `openai` and Open WebUI."""
