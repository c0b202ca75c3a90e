"""Makes expectedTexts.json: the E2E challenge's metrics by its own scripts, NLTK and the COCO caption evaluation.

    git clone https://github.com/tuetschek/e2e-metrics
    python -m venv VENV && VENV/bin/pip install nltk==3.10.* pycocoevalcap==1.2 future
    VENV/bin/python tests/golden/metrics/generateTexts.py e2e-metrics

BLEU (lower case) and NIST: e2e-metrics' pymteval, and corpus_nist of NLTK where every text has one reference (NLTK takes
another reference for every order otherwise). METEOR: NLTK with exact and stem matching alone. ROUGE-L, CIDEr and words:
pycocoevalcap; its tokenizer is Stanford's and needs Java.
"""

import json
import pathlib
import random
import sys

sys.path.insert(0, sys.argv[1])
from metrics.pymteval import BLEUScore, NISTScore  # noqa: E402
from nltk.stem.porter import PorterStemmer  # noqa: E402
from nltk.translate.meteor_score import meteor_score  # noqa: E402
from nltk.translate.nist_score import corpus_nist  # noqa: E402
from pycocoevalcap.cider.cider import Cider  # noqa: E402
from pycocoevalcap.rouge.rouge import Rouge  # noqa: E402
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer  # noqa: E402

here = pathlib.Path(__file__).parent
samples = here.parents[2] / "resources" / "samples"
stemmer = PorterStemmer(PorterStemmer.MARTIN_EXTENSIONS)


class NoWordNet:
    def synsets(self, _word):
        return []


def disturbed(text, rng, share):
    words = text.split()
    for _ in range(max(1, int(share * len(words)))):
        i = rng.randrange(len(words))
        action = rng.random()
        if action < 0.3 and len(words) > 6:
            del words[i]
        elif action < 0.6:
            j = rng.randrange(len(words))
            words[i], words[j] = words[j], words[i]
        elif action < 0.8 and words[i].isalpha():
            words[i] = words[i] + rng.choice(["s", "ed", "ing", "ly"])
        else:
            words[i] = rng.choice(["pub", "the", "£30", "5-star", "don't", "city-centre,", "Families", "serving"])
    return " ".join(words)


groups = {}
for line in (samples / "e2e" / "valid.jsonl").read_text("utf8").splitlines():
    row = json.loads(line)
    groups.setdefault(row["mr"], []).append(row["ref"])


def e2e(share, seed, most):
    rng = random.Random(seed)
    return [(disturbed(rng.choice(refs), rng, share), refs[:most]) for refs in groups.values()]


sets = {
    "E2E, slightly changed": e2e(0.1, 1, 99),
    "E2E, much changed": e2e(0.7, 2, 99),
    "E2E, one reference": e2e(0.3, 3, 1),
    "hand-made": [
        ("The cats were running quickly to the houses", ["The cat runs quickly to its house", "Cats run to houses quickly"]),
        ("the the the the the the", ["the cat is on the mat", "there is a cat on the mat"]),
        ("completely different words appear here today", ["nothing of this matches that other sentence at all"]),
        ("The cat sat on the mat.", ["The cat sat on the mat."]),
        ("on the mat sat the cat", ["the cat sat on the mat"]),
        ("It isn't cheap; it's \"family-friendly\" (£20-25), 5-star!", ["It is not cheap, it's family friendly: £20-25."]),
    ],
}

bracketed = [refs[0] for refs in list(groups.values())[:12]] + [
    "don't can't I'd they're we've it's cannot gonna",
    "Price is £20-25, or $3,000.50; 5-star (high)!",
    "\"Quoted\" 'single' text... and -- dash – em — end",
    "e.g. Mr. Smith's dog, 3 out of 5",
    "naïve café déjà vu 50% A&B and/or x/y",
    "a,b 1,000 1.5 12:30 pm end. Yes?! [x] {y}",
]


def tokens(texts):
    asked = {i: [{"caption": text}] for i, text in enumerate(texts)}
    return [line[0].split() for line in PTBTokenizer().tokenize(asked).values()]


result = {"sets": [], "words": []}
for name, rows in sets.items():
    bleu, nist = BLEUScore(), NISTScore()
    for hypothesis, references in rows:
        bleu.append(hypothesis, references)
        nist.append(hypothesis, references)
    words = [(tokens([h])[0], tokens(refs)) for h, refs in rows]
    gts = {i: [" ".join(ref) for ref in refs] for i, (_, refs) in enumerate(words)}
    res = {i: [" ".join(h)] for i, (h, _) in enumerate(words)}
    expected = {
        "name": name,
        "hypotheses": [h for h, _ in rows],
        "references": [refs for _, refs in rows],
        "words": [h for h, _ in words],
        "referenceWords": [refs for _, refs in words],
        "bleu": 100 * bleu.score(),
        "nist": nist.score(),
        "meteor": [meteor_score(refs, h, stemmer=stemmer, wordnet=NoWordNet()) for h, refs in words],
        "rougeL": Rouge().compute_score(gts, res)[0],
        "cider": Cider().compute_score(gts, res)[0],
    }
    if all(len(refs) == 1 for _, refs in rows):
        split = lambda text: [word.lower() for word in nist.tokenize(text)]  # noqa: E731
        expected["nltkNist"] = corpus_nist([[split(r) for r in refs] for _, refs in rows], [split(h) for h, _ in rows])
    result["sets"].append(expected)
result["words"] = [{"text": text, "words": own} for text, own in zip(bracketed, tokens(bracketed))]
vocabulary = sorted({word for e in result["sets"] for line in e["words"] for word in line if word.isascii() and word.isalpha()})
extra = "apology assembly biotechnology dying skies sky happy enjoy conditional relational hopefulness adjustment controlling".split()
result["stems"] = {word: stemmer.stem(word) for word in vocabulary + extra}
(here / "expectedTexts.json").write_text(json.dumps(result, separators=(",", ":"), ensure_ascii=True) + "\n", "utf8")
