"""Lawful variants: the same instants, written in other formats of RFC 3339."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from conformance.faults.variant import lawful
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body
from conformance.reference.store import Row


@lawful("Timestamps end in +00:00 in the list and in Z in a retrieve.")
class TimesHaveTwoSpellings(ClinicianApi):
    """Two serialisers write the same instants."""

    def list_profile(self, row: Row) -> Body:
        """Return the row with a numeric offset."""
        profile = super().list_profile(row)
        return profile | {
            name: profile[name].replace("Z", "+00:00") for name in ("created_at", "updated_at")
        }


@lawful("Timestamps have six more digits in a retrieve, all of them zero.")
class RetrievedTimesHaveZeros(ClinicianApi):
    """Some databases always write microseconds."""

    def single_profile(self, row: Row) -> Body:
        """Return the profile with the same instants at another precision."""
        profile = super().single_profile(row)
        return profile | {
            name: re.sub(r"(\.\d+)?Z$", lambda found: f"{found[1] or '.'}000000Z", profile[name])
            for name in ("created_at", "updated_at")
        }


@lawful("Timestamps of a retrieve are in the time zone of the organisation.")
class RetrievedTimesAreLocal(ClinicianApi):
    """The instants are the same."""

    def single_profile(self, row: Row) -> Body:
        """Return the profile with times one hour east."""
        profile = super().single_profile(row)
        zone = timezone(timedelta(hours=1))
        return profile | {
            name: datetime.fromisoformat(profile[name]).astimezone(zone).isoformat()
            for name in ("created_at", "updated_at")
        }


class _OtherTimes(ClinicianApi):
    """An API that writes the same timestamps in another RFC 3339 format."""

    def profile(self, row: Row) -> Body:
        """Return the profile with both timestamps rewritten."""
        profile = super().profile(row)
        for name in ("created_at", "updated_at"):
            profile[name] = self.written(datetime.fromisoformat(profile[name]))
        return profile

    def written(self, moment: datetime) -> str:
        """Return a moment in the format of this server."""
        raise NotImplementedError


@lawful("Timestamps have microseconds and the zone +00:00.")
class TimesInMicroseconds(_OtherTimes):
    """Python formats timestamps in this way."""

    def written(self, moment: datetime) -> str:
        """Return the moment with six digits after the second."""
        return moment.isoformat(timespec="microseconds")


@lawful("Timestamps have milliseconds and the zone +01:00.")
class TimesInAnotherZone(_OtherTimes):
    """RFC 3339 allows any offset from UTC."""

    def written(self, moment: datetime) -> str:
        """Return the moment in the zone one hour east of UTC."""
        east = moment.astimezone(timezone(timedelta(hours=1)))
        return east.isoformat(timespec="milliseconds")


@lawful("Timestamps have a lower-case t and z.")
class TimesInLowerCase(_OtherTimes):
    """RFC 3339, section 5.6 allows this."""

    def written(self, moment: datetime) -> str:
        """Return the moment with t and z."""
        return moment.isoformat().replace("T", "t").replace("+00:00", "z")
