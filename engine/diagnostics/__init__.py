"""What a model's latent variable carries: estimators with intervals, and a report in plain words."""
