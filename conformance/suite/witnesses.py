"""Which profiles a search is asked for, and how its result is kept short."""

from __future__ import annotations

from conformance.directory.directory import Directory

_WITNESSES = 3


def spread(
    pairs: list[tuple[str, str]], directory: Directory, most: int = _WITNESSES
) -> list[tuple[str, str]]:
    """Witnesses from all over the list: the rarest word of each part of it, active and inactive."""
    place = {record: index for index, record in enumerate(directory.seen)}
    chosen: dict[tuple[int, bool], tuple[str, str]] = {}
    for word, record in pairs:
        if record not in place:
            continue  # of a slice, and not of the list as it was seen
        part = place[record] * most // max(len(place), 1)
        chosen.setdefault((part, directory.by_id[record].get("is_active") is True), (word, record))
    ordered = sorted(chosen.items())
    # One of each part first; of the same part, the inactive one.
    firsts = {part: pair for (part, _), pair in reversed(ordered)}
    rest = [pair for _, pair in ordered if pair not in firsts.values()]
    return [*firsts.values(), *rest][:most]


def narrowing(directory: Directory, record: str) -> dict[str, bool]:
    """Filters that the profile passes, to shorten a result of a directory that is too large to be walked."""
    if directory.complete:
        return {}
    row = directory.by_id.get(record, {})
    flags = {name: row.get(name) for name in ("is_active", "is_bookable_online")}
    return {name: value for name, value in flags.items() if isinstance(value, bool)}
