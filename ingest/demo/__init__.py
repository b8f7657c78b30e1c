"""The demonstration world: real names, simulated numbers, a known right answer."""
