"""What every feature of the window uses: state, values, jobs, requests to the models, theme."""
