"""The geometry of a page: where every matrix of a program stands, by the grammar of bands and lanes."""
