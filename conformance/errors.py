"""Every error that this package raises on purpose, as one tree.

* :class:`ConformanceError`

  * :class:`UsageError`: a setting that cannot be used

    * :class:`PackError`: a pack, or what is to go into one, that cannot be used

  * :class:`ContractError`: ``openapi.yaml`` cannot be used
  * :class:`TranscriptError`: a file that cannot be replayed
  * :class:`ReportError`: a report that breaks its schema or contradicts itself
  * :class:`CatalogueError`: the catalogue of faults contradicts itself
  * :class:`RehearsalError`: the forecast of a run failed
  * :class:`StoreError`, :class:`ServerError`: the embedded server cannot be started
  * :class:`Untestable`: the target cannot be judged at all
  * :class:`Inconclusive`: a case cannot establish its requirement

    * :class:`BudgetExhausted`: no request is left

      * :class:`RateLimited`: the target returned 429

    * :class:`TransportFailure`: no response arrived
    * :class:`WriteLeftOut`: ``--no-writes`` left the request out
    * :class:`NotHeld`: the transcript does not contain what a replay needs

  * :class:`SuiteError`: the suite itself failed
  * ``conformance.contract.verdict.Breach``: a case saw the contract broken; it carries findings, so it is
    defined beside them

:class:`Terminated` stands outside the tree: like ``KeyboardInterrupt``, no ``except Exception`` stops it.
"""

from __future__ import annotations


class ConformanceError(Exception):
    """Base class of all errors of this package."""


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived: the run stops as on Ctrl-C, and ends with a status of its own."""


class SuiteError(ConformanceError):
    """The suite itself failed; the message says where."""


class UsageError(ConformanceError):
    """A setting that cannot be used: one line that names the setting and the way out."""


class PackError(UsageError):
    """A pack, or what is to go into one, that cannot be used: one line that names the file."""


class ContractError(ConformanceError):
    """The contract cannot be used; the message names the part that is wrong."""


class TranscriptError(ConformanceError):
    """A transcript that cannot be replayed: one line that says why."""


class ReportError(ConformanceError, ValueError):
    """A report that breaks its schema or contradicts itself.

    The message is one line with the first three problems; ``problems`` holds all of them.
    """

    def __init__(self, problems: list[str], where: str = "report") -> None:
        self.problems = tuple(problems)
        shown = "; ".join(problems[:3])
        more = f"; and {len(problems) - 3} more" if len(problems) > 3 else ""
        super().__init__(f"{where}: {shown}{more}")


class CatalogueError(ConformanceError):
    """The catalogue contradicts itself, or a name selects nothing of it."""


class RehearsalError(ConformanceError):
    """The forecast of a run failed; the message says how."""


class StoreError(ConformanceError, ValueError):
    """The database of the embedded server cannot be used."""


class ServerError(ConformanceError, ValueError):
    """The embedded server cannot be started."""


class Untestable(ConformanceError):
    """The target cannot be judged at all; the message says why."""


class Inconclusive(ConformanceError):
    """A case cannot establish its requirement; the message says what is missing."""


class BudgetExhausted(Inconclusive):
    """The bound on requests is reached; the message names it."""


class RateLimited(BudgetExhausted):
    """The target returned 429: the key's rate limit is used up, and the key has other users."""


class TransportFailure(Inconclusive):
    """No response arrived, after retries; the message says what happened on the wire."""


class WriteLeftOut(Inconclusive):
    """The run sends no method that writes; the message names the flag."""


class NotHeld(Inconclusive):
    """The transcript does not contain what was asked for: the recorded run was judged by other cases."""
