"""datatrove: its four MinHash stages, one task; single linkage of candidates, as it does.

Words are split at white space, as for the others: its own tokenizers of English and of white space ask for
spaCy.
"""

import gzip
import json
import sys
import tempfile
from pathlib import Path

from common import BANDS, ROWS, WIDTH, write
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline import dedup
from datatrove.pipeline.readers import ParquetReader
from datatrove.pipeline.writers import JsonlWriter
from datatrove.utils.word_tokenizers import WordTokenizer


class Words(WordTokenizer):
    """What signatures use of a tokenizer: they know no sentences."""

    sent_tokenize = span_tokenize = None

    def word_tokenize(self, text):
        """Return the words of a text."""
        return text.split()


source = Path(sys.argv[1]).resolve()
with tempfile.TemporaryDirectory(dir=source.parent) as folder:
    config = dedup.minhash.MinhashConfig(n_grams=WIDTH, num_buckets=BANDS, hashes_per_bucket=ROWS)

    def read():
        return ParquetReader(str(source.parent), glob_pattern=source.name, text_key="text", id_key="id")

    stages = (
        [read(), dedup.MinhashDedupSignature(f"{folder}/signatures", config=config, language=Words())],
        [dedup.MinhashDedupBuckets(f"{folder}/signatures", f"{folder}/buckets", config=config)],
        [dedup.MinhashDedupCluster(f"{folder}/buckets", f"{folder}/removed", config=config)],
        [read(), dedup.MinhashDedupFilter(f"{folder}/removed"), JsonlWriter(f"{folder}/kept")],
    )
    for number, stage in enumerate(stages):
        tasks = BANDS if number == 1 else 1
        LocalPipelineExecutor(stage, tasks=tasks, workers=1, logging_dir=f"{folder}/logs{number}").run()
    kept = []
    for path in sorted(Path(folder, "kept").glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            kept += [json.loads(line)["id"] for line in lines]
    write(kept)
