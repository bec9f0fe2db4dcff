"""What the target holds: predicts responses and picks witnesses."""
