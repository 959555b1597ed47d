"""Why a document is removed."""

SAME = "same text"
NEAR = "near duplicate"
