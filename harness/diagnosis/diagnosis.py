"""What doctor came to: the findings, and what was not looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.diagnosis.finding import Finding, Severity
    from harness.rehearsal.results import NotDone


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """The answer to one `harness doctor`."""

    #: What was examined: a folder, or the databases' addresses.
    subject: str
    findings: tuple[Finding, ...]
    #: What was looked at, in words.
    looked_at: tuple[str, ...] = ()
    not_done: tuple[NotDone, ...] = ()
    #: How untrusted code was held; empty where none ran.
    isolation: str = ""
    seconds: float = 0.0

    @property
    def healthy(self) -> bool:
        """Whether nothing is broken; warnings and notes may be there."""
        return self.count("error") == 0

    def count(self, severity: Severity) -> int:
        """Return how many findings are of one severity."""
        return sum(finding.severity == severity for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        return {
            "subject": self.subject,
            "healthy": self.healthy,
            "findings": [finding.to_dict() for finding in self.findings],
            "looked_at": list(self.looked_at),
            "not_done": [{"what": each.what, "why": each.why} for each in self.not_done],
            "isolation": self.isolation,
            "seconds": round(self.seconds, 3),
        }
