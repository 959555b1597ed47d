"""What methods change downstream, and what that saves over a model's life."""
