"""Networks of rotations recognised and evaluated a cacheful of samples at a time."""
