"""Making a trained model smaller for its service."""
