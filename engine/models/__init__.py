"""The LSTM sentence VAE, in blocks that `builders` composes."""
