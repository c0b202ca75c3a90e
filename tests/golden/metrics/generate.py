"""Makes expected.json: BLEU and ROUGE-L values of sacrebleu and rouge-score.

    python -m venv VENV && VENV/bin/pip install sacrebleu==2.6.0 rouge-score==0.1.2
    VENV/bin/python tests/golden/metrics/generate.py

Texts are the E2E sample's and hand-made ones; hypotheses are made from references by dropping, swapping and
replacing words with a fixed seed.
"""

import json
import pathlib
import random

import sacrebleu
from rouge_score import rouge_scorer

here = pathlib.Path(__file__).parent
samples = here.parents[2] / "resources" / "samples"


def disturbed(text, rng, share):
    words = text.split()
    for _ in range(max(1, int(share * len(words)))):
        i = rng.randrange(len(words))
        action = rng.random()
        if action < 0.4 and len(words) > 1:
            del words[i]
        elif action < 0.7:
            j = rng.randrange(len(words))
            words[i], words[j] = words[j], words[i]
        else:
            words[i] = rng.choice(["pub", "the", "£30", "5-star", "don't", "city-centre,"])
    return " ".join(words)


def e2e(share, seed, count):
    rng = random.Random(seed)
    groups = {}
    for line in (samples / "e2e" / "valid.jsonl").read_text("utf8").splitlines():
        row = json.loads(line)
        groups.setdefault(row["mr"], []).append(row["ref"])
    hypotheses, references = [], []
    for refs in list(groups.values())[:count]:
        hypotheses.append(disturbed(rng.choice(refs), rng, share))
        references.append(refs)
    return hypotheses, references


tricky = [
    ("He said \"yes\" & left; it cost $3,000.50 (or £2.5)!", ["He said &quot;yes&quot; &amp; left; it cost $3,000.50 (or £2.5)!"]),
    ("A well-known 19-year-old, e.g. Bob's", ["A well known 19-year old, e.g., Bob's."]),
    ("naïve café – déjà vu… 50%", ["naive cafe - deja vu... 50 %", "naïve café – déjà vu… 50%"]),
    ("line one\nline two-\nthree ", ["line one line twothree", "line one\nline two"]),
    ("snow\u00a0man \u2003 x\u0085y\u200bz \ufeff q", ["snow man x y z q", "snow\u00a0man x"]),
    ("😀 1.5.2 a.b,c 12,5-7", ["😀 1.5.2 a.b, c 12,5 - 7"]),
    ("ÀB Kelvin: \u212a İstanbul ﬁne", ["àb kelvin: k istanbul fine", "ÀB KELVIN: \u212a İSTANBUL ﬁne"]),
    ("the the the the", ["the cat is on the mat", "there is a cat"]),
]

sets = {
    "e2e, slightly changed": e2e(0.15, 1, 24),
    "e2e, much changed": e2e(0.8, 2, 24),
    "tricky": ([h for h, _ in tricky], [r for _, r in tricky]),
    "no four words match": (["a quick red fox"], [["a slow brown fox"]]),
    "no word matches": (["alpha beta gamma delta"], [["one two three four"]]),
    "shorter than four words": (["hello world"], [["hello world"]]),
    "empty answer": (["", "good morning to you all"], [["something"], ["good morning to you all"]]),
    "only empty answers": ([""], [["something here"]]),
    "equal": (["The cat sat on the mat."], [["The cat sat on the mat."]]),
    "lengths equally near": (["one two three four five"], [["one two three four", "one two three four five six"]]),
}
for i, (hypothesis, references) in enumerate(tricky):
    sets[f"tricky {i + 1}"] = ([hypothesis], [references])

scorer = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False)
result = {"sacrebleu": sacrebleu.__version__, "rouge-score": "0.1.2", "sets": []}
for name, (hypotheses, references) in sets.items():
    most = max(len(refs) for refs in references)
    streams = [[refs[i] if i < len(refs) else None for refs in references] for i in range(most)]
    bleu = sacrebleu.corpus_bleu(hypotheses, streams)
    rouge = [scorer.score_multi(refs, hyp)["rougeL"].fmeasure for hyp, refs in zip(hypotheses, references)]
    result["sets"].append(
        {
            "name": name,
            "hypotheses": hypotheses,
            "references": references,
            "bleu": {
                "score": bleu.score,
                "precisions": bleu.precisions,
                "brevityPenalty": bleu.bp,
                "hypothesisLength": bleu.sys_len,
                "referenceLength": bleu.ref_len,
            },
            "rougeL": rouge,
        }
    )
(here / "expected.json").write_text(json.dumps(result, indent=1, ensure_ascii=True) + "\n", "utf8")
