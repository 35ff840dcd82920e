"""Which map is shown, and making others: the chooser above the maps, the form, and the command that makes them."""
