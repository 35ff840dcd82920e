"""Close looks at sentences: what the models make of them, growing answer by answer."""
