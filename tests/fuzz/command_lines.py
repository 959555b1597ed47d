"""Command lines over all verbs, with words changed, taken out, doubled or put in."""

from junk import WORDS, damaged_text

SMALL = "--size xs --seeds 1 --tuning-trials 1 --shots 100"
LINES = [
    f"run curation/dedup --data builtin:phrases --method exact-hash {SMALL} --out run",
    f"run tuning/head --data builtin:weather --method logistic {SMALL} --out run --set C=1.0",
    f"run tuning --data builtin:weather --method logistic --backend engine {SMALL} --out run --json",
    f"plan curation/dedup --data builtin:phrases --method minhash {SMALL} --set threshold=0.8",
    f"plan tuning/head --data builtin:weather {SMALL} --json",
    "list tasks",
    "list methods --json",
    "list qpus",
    "list datasets",
    "list backends",
    "list accelerators --json",
    "list grids",
    "list models",
    "list scenarios",
    "list cards",
    "list claims --json",
    "show minhash",
    "show tuning/head --json",
    "show ibm_fez",
    "show h100",
    "show deu",
    "show llama-3.1-8b",
    "doctor --json",
    "doctor",
    "--version",
    "data list --json",
    "data fetch vader",
    "data verify",
    "report runs --json",
    "project my-model --draws 100 --seed 1 --out projected --json",
    "predict runs --data builtin:weather --out labels.csv",
    "estimate training --accelerator h100 --params 8e9 --tokens 15T --gpus 1024 --mfu 0.38 "
    "--pue 1.1,1.2,1.3 --grid deu",
    "estimate training --accelerator h100 --gpu-hours 1e6 --context 8192 --layers 32 --width 4096 --json",
    "estimate inference --accelerator h100 --model llama-3.1-8b --input-tokens 500 "
    "--output-tokens 300 --batch 32",
    "estimate inference --accelerator l4 --params 8B --kv-values 65536 --precision fp8 "
    "--input-tokens 5 --output-tokens 3",
    "estimate curation --tokens 15T --accelerator h100 --hashes 260 --passes 2 --on-gpu --kg-per-kwh 0.4",
    "estimate tokenise --tokens 15T --json",
    "estimate development --accelerator h100 --params 8e9 --tokens 15e12 --trial 1e9,2e10,5 --multiple 1,2,3",
    "estimate tuning --accelerator h100 --params 8e9 --tokens 1e9 --method lora --json",
    "estimate distil --accelerator h100 --student-params 1e9 --teacher llama-3.1-8b --tokens "
    "1e11 --mode synthetic",
    "estimate monitoring --accelerator h100 --requests-per-day 1e5 --input-tokens 9 "
    "--output-tokens 9 --fraction 0.1 --guard 1e9",
    "estimate circuit --qpu ibm_fez --qubits 10 --gates-2q 30 --gates-1q 40 --depth 20 "
    "--circuits 5 --shots 1000",
    "estimate anneal --qpu dwave_adv2 --variables 100 --couplings 300 --reads 1000",
    "compare runs runs --json",
    "export runs --to csv --out trials.csv",
    "export runs --to sci --grid deu --pue 1.2",
    "export runs --to ai-act",
    "runs list --limit 5",
    "runs compare quality runs --task curation/dedup --method minhash",
    "runs trend energy_j runs",
    "runs prune --older 3 --failed",
    "watch-list my-model --state list.json",
    "plan tuning/head --data builtin:weather --size xs --seeds 1 --qpu ibm_fez --sort usd",
    "run tuning/head --data builtin:weather --method logistic --size xs --seeds 1 --budget 5 --dry-run",
    "train-lm corpus.txt --out model --model tiny --tokens 1000 --set layers=1 --seed 0",
    "watch reference.jsonl --detector ks --window 10 --alpha 0.05 --state state --resume",
    "dedup corpus.jsonl --out kept.jsonl --threshold 0.7 --shingles word5 --workers 1 --memory 0.5",
    "estimate fault-tolerant --logical-qubits 100 --t 1e8 --rotations 10 --budget 0.01 "
    "--preset gate_ns_e3 --json",
]
OPTIONS = sorted({word for line in LINES for word in line.split() if word.startswith("--")})
VERBS = sorted({line.split()[0] for line in LINES})


def changed_line(drawn):
    """Return the words of a command line with one to four changes."""
    words = drawn.choice(LINES).split()
    for _ in range(drawn.choice([1, 1, 2, 4])):
        place = drawn.randrange(len(words) + 1)
        change = drawn.randrange(6)
        if change == 0 and words:
            del words[min(place, len(words) - 1)]
        elif change == 1 and words:
            words.insert(place, drawn.choice(words))
        elif change == 2:
            words.insert(place, drawn.choice(OPTIONS))
        elif change == 3 and words:
            at = min(place, len(words) - 1)
            words[at] = damaged_text(words[at], drawn)
        elif words:
            words[min(place, len(words) - 1)] = drawn.choice(WORDS)
    if "project" in words and "--draws" not in words:
        words += ["--draws", "100"]  # the scenario's 20,000 are long, not hung
    return [word.replace("\x00", "") for word in words]


def changed_settings(drawn, spaces):
    """Return `--set` options of odd names and values, given the methods' spaces of settings."""
    method = drawn.choice(sorted(spaces))
    setting = drawn.choice([*spaces[method], "x"])
    value = drawn.choice([*WORDS, *map(str, spaces[method].get(setting, []))]).replace("\x00", "")
    text = drawn.choice([f"{setting}={value}", f"{method}.{setting}={value}", value])
    return ["--set", text if drawn.random() < 0.8 else damaged_text(text, drawn).replace("\x00", "")]
