"""What the graph holds, the records that are stored in it, and the one door to it."""
