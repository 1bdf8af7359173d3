"""Fork the processes that need torch from one that has imported it."""
