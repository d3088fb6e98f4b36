"""Stage ``money``: amounts with value, relation and ISO 4217 currency."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.config import Config
from pipeline.document import Diagnostic, Document, Label, Mention
from pipeline.errors import ConfigError
from pipeline.quantities.money_forms import BY_PLACE, Amount, find_amounts
from pipeline.quantities.region import CURRENCY_OF, article_place
from pipeline.quantities.relation import with_relation
from pipeline.values import MoneyValue

_DECLARED = re.compile(
    r"[（(](?:单位[:：]?)?(?P<word>人民币|新台币|台币|港元|港币|美元|日元|欧元)[，、,]?(?:下同|以下同)[)）]"
)
_DECLARED_CODE = {
    "人民币": "CNY",
    "新台币": "TWD",
    "台币": "TWD",
    "港元": "HKD",
    "港币": "HKD",
    "美元": "USD",
    "日元": "JPY",
    "欧元": "EUR",
}


_COIN_AFTER = re.compile("(?:的)?(?:硬币|铜板|铜币|纸币|纸钞|钞票|面额|面值)")
# Shares listed in Hong Kong trade in its dollars; a company's own figures may be in yuan.
_HK_SHARE = re.compile(r"(?<![0-9])0[0-9]{4}[)）]|0?[0-9]{4}[.\-]HK|[（(]沪?港股|阿思达克")
_CN_SHARE = re.compile(r"[（(][036][0-9]{5}[)）]|[0-9]{6}[.．]S[HZ]|S[HZ] ?[0-9]{6}")
_SHARE_PRICE = re.compile(
    r"(?:目标价|每股作价|每股均价|平均价每股|平均价|每股回购价|每股价格|股价|[，,]报|现报|收报|[升涨跌]%?至?报)"
    r"(?:为|至|到|由|格|约|近|逾|上调|下调|升|降|看|[0-9.]+元?)*$"
)


@dataclass(frozen=True, slots=True)
class MoneyStage:
    """Marks MONEY mentions from the simplified text; needs no earlier stage.

    ``region`` (TW, HK, CN) is the place of all articles where it is known, else judged per article.
    """

    region: str | None = None
    name: str = "money"

    def __call__(self, documents: Sequence[Document]) -> list[Document]:
        """Return each document with its amounts, and what could not be settled."""
        return [self._one(document) for document in documents]

    def _one(self, document: Document) -> Document:
        amounts = find_amounts(document.text)
        if not amounts:
            return document
        place = self._place_currency(document)
        hong_kong = place == "CNY" and _hong_kong_shares(document.text)
        mentions: list[Mention] = []
        diagnostics: list[Diagnostic] = []
        for amount in amounts:
            if amount.reason:
                diagnostics.append(Diagnostic(self.name, amount.start, amount.end, amount.reason))
                continue
            value = _value(document.text, amount, place)
            if hong_kong and amount.currency == BY_PLACE and _is_share_price(document.text, amount):
                value = replace(value, currency="HKD")
            if value.currency is None:
                diagnostics.append(
                    Diagnostic(self.name, amount.start, amount.end, "currency unknown")
                )
            mentions.append(
                document.mention(
                    amount.start,
                    amount.end,
                    Label.MONEY,
                    score=0.8 if amount.rule == "implied" else 1.0,
                    stage=self.name,
                    rule=amount.rule,
                    value=value,
                )
            )
        return document.adding(mentions, diagnostics)

    def _place_currency(self, document: Document) -> str | None:
        declared = _DECLARED.search(document.text)
        if declared is not None:
            return _DECLARED_CODE[declared["word"]]
        if self.region is not None:
            return CURRENCY_OF[self.region]
        return article_place(document).currency


def build(config: Config) -> MoneyStage:
    """The stage for a config; ``config.region`` fixes the place of all articles.

    Raises ``ConfigError`` where the region is none of TW, HK and CN.
    """
    if config.region is not None and config.region not in CURRENCY_OF:
        raise ConfigError(f"region {config.region!r} is unknown: use one of TW, HK, CN")
    return MoneyStage(config.region)


def _value(text: str, amount: Amount, place: str | None) -> MoneyValue:
    quantity = amount.quantity
    if not _COIN_AFTER.match(text, amount.end):  # 超过10元硬币大小 says nothing of the amount
        quantity = with_relation(quantity, text, amount.start, amount.end)
    if amount.currency in ("", BY_PLACE):
        return MoneyValue(quantity, place, True)
    if amount.currency == "$":
        return MoneyValue(quantity, "HKD" if place == "HKD" else "USD", True)
    if amount.currency == "¥":
        return MoneyValue(quantity, "CNY", True)
    if amount.currency == "-":
        return MoneyValue(quantity, None, False)
    return MoneyValue(quantity, amount.currency, False)


def _hong_kong_shares(text: str) -> bool:
    """Whether the shares of a text are those of Hong Kong alone."""
    return bool(_HK_SHARE.search(text)) and not _CN_SHARE.search(text)


def _is_share_price(text: str, amount: Amount) -> bool:
    return bool(_SHARE_PRICE.search(text, max(0, amount.start - 12), amount.start))
