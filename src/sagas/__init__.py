"""What is still to be done, and by when: every saga is one line of the table below.

None is needed yet. Deadlines, escalation and the referral to an authority are the first ones.
"""

from typing import Any

SAGAS: tuple[Any, ...] = ()
