"""Comparison of response times of two kinds of requests."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.http.exchange import Exchange

_ORDER = "uuffuffuu"


def interleaved(unknown: Sequence[str], foreign: Sequence[str]) -> list[str]:
    """Return ids of both kinds in an order in which nodes that take turns respond to both kinds.

    Unknown ids are first and last, so that a drift over time shows between unknown ids too.
    """
    ids = {"u": iter(unknown), "f": iter(foreign)}
    order = [next(ids[kind], "") for kind in _ORDER]
    return [record for record in order if record]


def gap(
    ones: Sequence[Exchange], others: Sequence[Exchange], *, outliers: tuple[int, int]
) -> float:
    """Return the seconds between the response times of two groups that do not overlap.

    :param outliers: how many responses of each group to leave out at the end that is nearer to the other.
    :returns: above 0 if the first group is slower, below 0 if it is faster, 0 if they overlap.
    """
    times = sorted(answer.elapsed for answer in ones)
    other_times = sorted(answer.elapsed for answer in others)
    left_out, others_left_out = outliers
    slower = times[left_out] - other_times[-1 - others_left_out]
    faster = other_times[others_left_out] - times[-1 - left_out]
    return slower if slower > 0 else min(-faster, 0.0)
