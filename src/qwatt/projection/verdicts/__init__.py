"""From chances to money, risk, claims and one verdict an enhancement."""
