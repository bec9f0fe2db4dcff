"""The data of the target: predicts responses and picks witnesses."""
