"""The Survey page: surveys are made, taken, followed and analysed."""
