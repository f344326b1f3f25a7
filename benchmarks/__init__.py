"""Quality and speed, measured against other pipelines; results stored per commit."""
