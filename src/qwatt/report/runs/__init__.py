"""Many run folders at once: an index that is made from them, and what it says; the folders are the truth."""
