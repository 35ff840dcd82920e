"""The tab of prior samples: sentences out of nothing, and the training text they resemble."""
