"""What every command is made of: how it is declared, the options that all take, how it tells and how it ends."""
