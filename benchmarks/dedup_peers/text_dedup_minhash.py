"""text-dedup: its MinHash command, in this process; single linkage of candidates, as it does.

It splits words at every blank, so that two in a row make an empty word: it gets the texts with single blanks.
"""

import os
import tempfile

from common import BANDS, HASHES, ROWS, WIDTH, rows, write

with tempfile.TemporaryDirectory() as folder:
    os.environ |= {"HF_HOME": folder, "HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    from datasets import Dataset, load_from_disk
    from text_dedup.minhash import main

    def plain():
        for name, text in rows():
            yield {"id": name, "text": " ".join(text.split())}

    Dataset.from_generator(plain, cache_dir=f"{folder}/made").save_to_disk(f"{folder}/corpus")
    settings = {
        "path": f"{folder}/corpus",
        "output": f"{folder}/kept",
        "column": "text",
        "ngram": WIDTH,
        "min_length": 1,
        "num_perm": HASHES,
        "b": BANDS,
        "r": ROWS,
        "hash_func": "xxh3",
        "num_proc": 1,
    }
    told = [f"--{name}={value}" for name, value in settings.items()]
    main([*told, "--local"], standalone_mode=False)
    write(load_from_disk(f"{folder}/kept")["id"])
