"""The first screen: its headline, the figures of the life, the best levers, and the stages in a row."""
