"""Peers of `qwatt dedup`, each a script, PEER corpus.parquet kept.txt, that writes the
rows it keeps beside their ids.
"""
