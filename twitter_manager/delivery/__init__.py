"""The outbox: sends what is queued, retries what surely never arrived, finds out about what may have.

The rule that everything here serves: `sending` and the request in full are on disk before the request leaves, and a
delivery whose fate is not known is looked up, never sent again on a guess. A platform's trouble is data for the next
line; only the database's trouble stops a run. What a platform's answer means is the platform's business.
"""

from twitter_manager.delivery.accounts import same_account
from twitter_manager.delivery.amending import Amender
from twitter_manager.delivery.ledger import post_charge
from twitter_manager.delivery.outbox import Outbox
from twitter_manager.delivery.policy import RESERVE_SECONDS, Policy, guarded
from twitter_manager.delivery.uploading import Pictures

__all__ = ["RESERVE_SECONDS", "Amender", "Outbox", "Pictures", "Policy", "guarded", "post_charge", "same_account"]
