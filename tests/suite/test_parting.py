"""Group testing: the smallest part that deviates is found, and only deviating groups are parted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from conformance.contract.verdict import Breach, Finding
from conformance.errors import BudgetExhausted, Inconclusive
from conformance.suite.parting import MOST_FOR_REFUSED, REFUSED, Outcome, halves, judge_group

GROUP = list("abcdefghijklmnop")


class Server:
    """Deviates for some sets of items, refuses others, and counts the requests."""

    def __init__(self, *culprits: str, refuses: str = "", left: int = 1000) -> None:
        self.culprits = [set(names) for names in culprits]
        self.refuses = set(refuses)
        self.left = left
        self.asked: list[str] = []

    def __call__(self, items: Sequence[str]) -> Outcome:
        if not self.left:
            raise BudgetExhausted("no request is left")
        self.left -= 1
        self.asked.append("".join(items))
        if self.refuses & set(items):
            return REFUSED
        if any(names <= set(items) for names in self.culprits):
            return Finding("no server error", "500", "a body", exchange=len(self.asked))
        return None


def shown(server: Server) -> list[str]:
    """Return the items that the findings name, and check that each finding is of that request."""
    with pytest.raises(Breach) as breach:
        judge_group(GROUP, server)
    found = []
    for finding in breach.value.findings:
        detail, _, ours = (finding.detail or "").partition("; ")
        assert ours == "a body"
        detail = detail.removeprefix("shown by ").removesuffix(" in one request")
        names = detail.replace(", ", "")
        assert server.asked[(finding.exchange or 0) - 1] == names
        found.append(names)
    return found


def test_a_group_that_does_not_deviate_costs_one_request() -> None:
    server = Server()
    assert judge_group(GROUP, server) is None
    assert server.asked == ["".join(GROUP)]


@pytest.mark.parametrize("name", GROUP)
def test_a_single_culprit_is_found_in_few_requests(name: str) -> None:
    server = Server(name)
    assert shown(server) == [name]
    assert len(server.asked) <= 11
    assert len(server.asked) == len(set(server.asked)), "no part is requested twice"


@pytest.mark.parametrize("names", ["ab", "ap", "hi", "bgo", "aceg"])
def test_a_combination_is_found_if_no_item_deviates_alone(names: str) -> None:
    assert shown(Server(names)) == [names]


def test_each_culprit_has_a_finding_up_to_three() -> None:
    assert sorted(shown(Server("a", "h", "cd"))) == ["a", "cd", "h"]
    assert len(shown(Server(*GROUP))) == 3


def test_the_same_responses_lead_to_the_same_requests() -> None:
    one, two = Server("c", "kl"), Server("c", "kl")
    assert shown(one) == shown(two)
    assert one.asked == two.asked


def test_a_culprit_hidden_by_a_refusal_is_found() -> None:
    """A server that refuses one item does not show what it does with the others."""
    server = Server("n", refuses="b")
    assert shown(server) == ["n"]


def test_a_server_that_refuses_everything_is_asked_three_times() -> None:
    server = Server("n", refuses="".join(GROUP))
    assert judge_group(GROUP, server) is REFUSED
    assert server.asked == ["".join(part) for part in (GROUP, *halves(GROUP))]
    server.asked.clear()
    assert judge_group(GROUP, server, thorough=True) is REFUSED
    assert len(server.asked) <= MOST_FOR_REFUSED + 1


def test_a_spent_budget_leaves_the_smallest_part_so_far() -> None:
    server = Server("c", left=2)
    assert shown(server) == ["".join(halves(GROUP)[0])]
    with pytest.raises(Inconclusive, match="no request is left"):
        judge_group(GROUP, Server("c", left=0))


def test_what_does_not_return_is_reported_with_the_whole_group() -> None:
    """A failure under load may strike the first request only."""
    server = Server()
    outcomes = iter([Finding("200", "500", exchange=1)])
    probe: Callable[[Sequence[str]], Outcome] = lambda items: next(outcomes, server(items))  # noqa: E731
    with pytest.raises(Breach) as breach:
        judge_group(GROUP, probe)
    (finding,) = breach.value.findings
    assert finding.detail == f"shown by {', '.join(GROUP)} in one request"


def test_a_group_of_one_costs_one_request_and_the_control() -> None:
    server = Server("a")
    with pytest.raises(Breach):
        judge_group(["a"], server)
    assert server.asked == ["a", ""]


def test_a_request_that_deviates_with_nothing_added_is_no_finding() -> None:
    with pytest.raises(Inconclusive, match="with nothing added"):
        judge_group(GROUP, Server(""))
