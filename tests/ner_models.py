"""Small models made on the spot, so that the backends that need one can be tested offline."""

from __future__ import annotations

import warnings
from pathlib import Path

TRAINING = [
    ("王大明在上海", [(0, 3, "PERSON"), (4, 6, "GPE")]),
    ("李小红在永兴科技", [(0, 3, "PERSON"), (4, 8, "ORG")]),
    ("王大明见了李小红", [(0, 3, "PERSON"), (5, 8, "PERSON")]),
    ("永兴科技在上海。", [(0, 4, "ORG"), (5, 7, "GPE")]),
    ("昨天增长17%。", []),
]
TAGS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-MISC", "I-MISC")


def spacy_pipeline(folder: Path) -> Path:
    """A spaCy pipeline that knows two people, a firm and a city by heart."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import spacy
        from spacy.training import Example
        from thinc.api import fix_random_seed

        language = spacy.blank("zh")
        recogniser = language.add_pipe("ner")
        for _, spans in TRAINING:
            for _, _, label in spans:
                recogniser.add_label(label)  # type: ignore[attr-defined]
        examples = [
            Example.from_dict(language.make_doc(text), {"entities": spans})
            for text, spans in TRAINING
        ]
        fix_random_seed(7)
        optimizer = language.initialize(lambda: examples)
        for _ in range(25):
            language.update(examples, sgd=optimizer)
    language.to_disk(folder)
    return folder


def tiny_transformer(folder: Path) -> Path:
    """A BERT of two thin layers with random weights, and a character tokenizer."""
    import torch
    from transformers import BertConfig, BertForTokenClassification, BertTokenizerFast

    characters = sorted({c for text, _ in TRAINING for c in text} | set("JaneDo x2037%·、"))
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters, "##x"]
    folder.joinpath("vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    torch.manual_seed(5)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        id2label=dict(enumerate(TAGS)),
        label2id={tag: i for i, tag in enumerate(TAGS)},
    )
    BertForTokenClassification(config).save_pretrained(folder)
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt"), model_max_length=64).save_pretrained(
        folder
    )
    return folder
