"""Categories as the window shows them: their colours, and the legend that names them."""
