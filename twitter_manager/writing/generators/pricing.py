"""What tokens cost: by the price that a person set, else by the list that the package genai-prices carries, else by an
assumed price. No request is made."""

from __future__ import annotations

from twitter_manager.domain import Price

ASSUMED: Price = (15.0, 75.0)
"""For a model that the list doesn't know: a budget that counts nothing would hold nothing back. Of the list's 2,245
models 35 are dearer."""
FREE: Price = (0.0, 0.0)


def token_cost(url: str, model: str, tokens_in: int, tokens_out: int) -> float | None:
    """US dollars by the list, or None where it has no price. `url`: the address of the API."""
    from genai_prices import Usage, calc_price

    try:
        usage = Usage(input_tokens=tokens_in, output_tokens=tokens_out)
        return float(calc_price(usage, model, provider_api_url=url).total_price)
    except (LookupError, ValueError):
        return None


def at_price(price: Price, tokens_in: int, tokens_out: int) -> float:
    """US dollars."""
    return (price[0] * tokens_in + price[1] * tokens_out) / 1_000_000


def estimated(text: str) -> int:
    """Tokens, where a service reports none; English has about four characters to a token, other languages fewer."""
    return -(-len(text) // 3)
