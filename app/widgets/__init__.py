"""Widgets that know no feature: sentences, fields and menus for what is sent, small parts."""
