"""What stands beside the text in a table or record, and stays with its sentences."""
