"""Pictures in time: the player."""
