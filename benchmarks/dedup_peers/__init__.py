"""Peers of `qwatt dedup`, each a script, PEER corpus.parquet kept.txt, that writes rows kept, and ids."""
