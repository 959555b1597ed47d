"""From measured trials to the user's model and to future machines."""
