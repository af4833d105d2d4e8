import re

from changed_tree import PLACE, ChangedTree

RECIPE = "To change a default or how long something is cached"


def test_a_constant_of_the_cache_policies_is_what_the_response_says(tree: ChangedTree) -> None:
    policies = "service/web/cache_policy.py"
    (now,) = re.findall(r"^PLACES = .+$", tree.read(policies), flags=re.MULTILINE)
    tree.replace(policies, now, re.sub(r"timedelta\(.+?\)", "timedelta(minutes=7)", now))
    cities, one, start = tree.get("/api/v1/cities", f"/api/v1/cities/{PLACE}", "/")
    for answer in (cities, one):
        assert answer.headers["Cache-Control"].startswith("public, max-age=420, ")
    assert "max-age=420" not in start.headers["Cache-Control"]


def test_a_default_is_one_line_of_the_settings(tree: ChangedTree) -> None:
    model = "service/settings/model.py"
    (now,) = re.findall(r"^ +hide_after: timedelta = .+$", tree.read(model), flags=re.MULTILINE)
    tree.replace(model, now, f"{now.partition(' = ')[0]} = timedelta(minutes=100)")
    refused = tree.command("check", weather__stale_after="101m")
    assert refused.returncode == 2
    assert "weather.hide_after: must not be shorter than weather.stale_after" in refused.stderr
