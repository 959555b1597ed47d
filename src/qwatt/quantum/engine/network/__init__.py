"""Networks of rotations recognised and swept a cacheful of samples at a time."""
