"""The data report: what came in, what went out, and why each lost row was lost."""
