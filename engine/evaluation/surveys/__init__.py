"""Surveys: people judge what models wrote, as in the paper's tables 2 and 4, without knowing which model it was."""
