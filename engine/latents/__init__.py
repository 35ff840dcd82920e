"""Operations on points of the latent space: paths, directions, concepts, neighbours."""
