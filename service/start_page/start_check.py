"""The embed check of the start page in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.locales.formatter import Formatter
from service.start_page.embed_check import Judgement, Mixing, Origin, judge, origin_of

_MIXING = {
    Mixing.BOTH_HTTPS: "check.both_https",
    Mixing.BOTH_HTTP: "check.both_http",
    Mixing.HTTPS_IN_HTTP: "check.https_in_http",
    Mixing.BLOCKED: "check.mixed",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence, and whether what it says is well, ill or neither (None)."""

    text: str
    well: bool | None


@dataclass(frozen=True, slots=True)
class Need:
    """A rule for the portal's own policy, and what it is for."""

    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class CheckView:
    """The answer; without needs where the address could not be read."""

    findings: tuple[Finding, ...]
    needs: tuple[Need, ...] = ()


def present_check(address: str, rules: Sequence[str], base_url: str, formatter: Formatter) -> CheckView:
    """What is said of a portal's address; `base_url` is ours."""
    ours, _ = origin_of(base_url) or (Origin("https", base_url, 443), False)
    judged = judge(address, rules, ours)
    if judged is None:
        return CheckView((Finding(formatter.text("check.no_address", address=address), well=False),))
    return CheckView(
        _findings(judged, formatter),
        (
            Need(f"frame-src {ours}", formatter.text("check.frame_src")),
            Need(f"script-src {ours}", formatter.text("check.script_src")),
        ),
    )


def _findings(judged: Judgement, formatter: Formatter) -> tuple[Finding, ...]:
    origin = str(judged.portal)
    said = []
    if judged.assumed:
        said.append(Finding(formatter.text("check.assumed", origin=origin), well=None))
    admission = "check.everybody" if judged.everybody else "check.admitted"
    key = admission if judged.admitted else "check.refused"
    said.append(Finding(formatter.text(key, origin=origin), judged.admitted))
    mixing = formatter.text(_MIXING[judged.mixing])
    return (*said, Finding(mixing, well=judged.mixing is not Mixing.BLOCKED))
