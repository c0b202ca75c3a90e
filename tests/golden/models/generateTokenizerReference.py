"""Makes tokenizerReference.json: ids and decoded texts of the reference tokenizers library (pip install tokenizers==0.23.*).

A small byte-level BPE is trained without any cutting, so that its merges cross every place where a pre-tokenizer could
cut: a wrong cut shows in the ids. The expressions are those of the models' own tokenizer.json files.
Run: python generateTokenizerReference.py > tokenizerReference.json
"""
import json
import random

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

random.seed(11)
PIECES = (
    list("abcdeXYZ    \n\t\r0123456789.,;:!?'\"-_()[]{}<>|&%$#@*+=/\\~^`éüßœ—…“’«€²½¾Ⅷ①٣۷०")
    + ["\u0085", "\u00a0", "\ufeff", "\u2028", "\u180e", "\u200b", "\u3000", "\u0000", "\u007f", "\u0301", "\ufe0f"]
    + ["😀", "👩‍👩‍👧", "🇩🇪", "日本", "語", "한국", "мир", "שלום", "हिन्दी", "ﬁ", "ſ", "ǅ", "'s", "'LL", "don't", " the", "\r\n", "\n\n\n"]
    + ["123456", "3.14", "camelCase", "HTTPServer"]
)


def texts(number, lengths):
    return ["".join(random.choice(PIECES) for _ in range(random.choice(lengths))) for _ in range(number)]


AFTER = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
WORDS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"
UPPER_LOWER = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|"
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|"
)
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"


def cut(*expressions):
    steps = [pre_tokenizers.Split(Regex(expression), "isolated") for expression in expressions]
    return pre_tokenizers.Sequence(steps + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


CUTS = {
    "gpt-2": pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
    "smollm": pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]
    ),
    "llama-bpe": cut(WORDS + r"\p{N}{1,3}" + AFTER),
    "qwen2": cut(WORDS + r"\p{N}" + AFTER),
    "tekken": cut(UPPER_LOWER + r"\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"),
    "default": cut(r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", "[0-9][0-9][0-9]"),
}

base = Tokenizer(models.BPE())
base.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
trainer = trainers.BpeTrainer(
    vocab_size=700, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), max_token_length=6, show_progress=False
)
base.train_from_iterator(texts(3000, [40]), trainer)
model = json.loads(base.to_str())["model"]
tokens = [token for token, _ in sorted(model["vocab"].items(), key=lambda item: item[1])]

result = {"tokens": tokens, "merges": [" ".join(merge) for merge in model["merges"]], "rows": {}}
for name, pre_tokenizer in CUTS.items():
    ignore = name in ("llama-bpe", "tekken")
    tokenizer = Tokenizer(models.BPE(model["vocab"], [tuple(m) for m in model["merges"]], ignore_merges=ignore))
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    if name == "qwen2":
        tokenizer.normalizer = normalizers.NFC()
    rows = []
    for text in texts(60, [1, 2, 4, 12, 30]):
        some = [random.randrange(len(tokens)) for _ in range(5)]
        rows.append({"text": text, "ids": tokenizer.encode(text).ids, "some": some, "decoded": tokenizer.decode(some)})
    result["rows"][name] = rows
print(json.dumps(result, separators=(",", ":")))
