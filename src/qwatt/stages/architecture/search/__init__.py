"""Finding the settings that a model trains best with."""
