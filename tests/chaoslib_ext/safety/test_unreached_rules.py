"""Which rules of a policy never decide."""

from pathlib import Path

import pytest

from chaoslib_ext.safety.policy_file import parsed
from chaoslib_ext.safety.unreached_rules import unreached


@pytest.mark.parametrize(
    ("above", "below", "is_unreached"),
    [
        ("allow: any, links: '*'", "refuse: any, links: [tag:prod, 'orders-*']", True),
        ("allow: any, links: 'orders-*'", "refuse: down, links: orders-db", True),
        ("allow: any toxic, links: '*'", "refuse: [latency, timeout], links: web", True),
        ("allow: [latency, down], links: [web, api]", "refuse: latency, links: web", True),
        ("allow: any, links: '*'", "refuse: any, links: '*', by: ann, servers: 'http://10.*'", True),
        ("allow: any toxic, links: '*'", "refuse: any, links: web", False),
        ("allow: any, links: 'orders-?'", "refuse: any, links: 'orders-*'", False),
        ("allow: any, links: tag:lab", "refuse: any, links: tag:prod", False),
        ("allow: any, links: 'tag*'", "refuse: any, links: tag:prod", False),
        ("allow: any, links: '*', by: ann", "refuse: any, links: web", False),
        ("allow: any, links: '*', servers: 'http://10.*'", "refuse: any, links: web", False),
        ("allow: any, links: web", "refuse: any, links: [web, api]", False),
    ],
)
def test_a_rule_below_one_that_speaks_of_all_of_it_never_decides(above: str, below: str, is_unreached: bool) -> None:
    text = f"schema_version: 1\nrules:\n  - {{name: above, {above}}}\n  - {{name: below, {below}}}\n"
    assert list(unreached(parsed(text, Path("p"))[0])) == ([(1, "above")] if is_unreached else [])
