"""What a search asks: trainings that are looked up in a table, made live, or the user's own."""
