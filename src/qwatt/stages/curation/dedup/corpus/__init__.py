"""Near-duplicate removal from corpora beyond memory: in passes over shards, by any number of workers.

1. `sketching`: read every shard; keep a content hash, a weight and the band hashes of each document.
2. `buckets`: collapse exact copies, and drop every document that shares no bucket.
3. `sets`: read the documents of buckets again, for their shingles.
4. `rounds`: keep in each round the documents that lead all their buckets; what they resemble follows them.
5. `writing`: read every shard again and write what is kept, in the order of the input.

Every pass leaves files in a work folder, whole or not at all, from which a second call goes on.
"""
