"""The Interpolate tab: the way from one sentence through others to the last."""
