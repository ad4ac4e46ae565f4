"""Finds what belongs together in meaning: passages of other material for an item, and the old posts nearest to it.

`passages` cuts texts, `local` and `remote` turn them into vectors, `index` finds the nearest ones, `retrieval` keeps
the store's vectors in step with the material and answers what writing asks.
"""
