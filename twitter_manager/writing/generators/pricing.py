"""What tokens cost, by the price list that the package genai-prices carries. No request is made."""

from __future__ import annotations


def token_cost(provider: str, model: str, tokens_in: int, tokens_out: int) -> float | None:
    """US dollars, or None where no price is known.

    `provider` is the price list's id ("anthropic") or the address of the API ("https://openrouter.ai/api/v1").
    """
    from genai_prices import Usage, calc_price

    usage = Usage(input_tokens=tokens_in, output_tokens=tokens_out)
    try:
        if "://" in provider:
            return float(calc_price(usage, model, provider_api_url=provider).total_price)
        return float(calc_price(usage, model, provider_id=provider).total_price)
    except (LookupError, ValueError):
        return None
