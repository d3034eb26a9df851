"""A gate as JUnit XML: a test case for each transfer, each control, and for what could be seen.

The elements are those that Jenkins, GitLab and others read in common: https://github.com/testmoapp/junitxml
"""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from hometruth.model import GateControl, Gated, Obstacle, ObstacleKind, Ruling, Standing, Transfer, Unnamed
from hometruth.report.catalogue import _
from hometruth.report.gate_text import line_of_transfer, line_of_unnamed, sentence
from hometruth.report.text import escape_terminal

SKIPPED = (Ruling.WAIVED, Ruling.IN_BASELINE)


def gate_junit(gated: Gated) -> bytes:
    """UTF-8 with a declaration. A leak fails, an obstacle is an error, what is waived or known is skipped."""
    suite = Element("testsuite", name="hometruth gate")
    for transfer in gated.transfers:
        _transfer(suite, transfer)
    for unnamed in gated.unnamed:
        _unnamed(suite, unnamed)
    for control in gated.controls:
        missing = [
            each
            for each in gated.obstacles
            if each.kind is ObstacleKind.NO_CONTROL and (each.about, each.detail) == _told(control)
        ]
        _case(suite, "control", "{} arrives at {}".format(*_told(control)), missing)
    others = [each for each in gated.obstacles if each.kind is not ObstacleKind.NO_CONTROL]
    _case(suite, "coverage", _("enough was seen"), others)
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for name, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(kind) is not None for case in cases)))
    root = Element("testsuites", suite.attrib)
    root.append(suite)
    indent(root)
    data: bytes = tostring(root, "utf-8", xml_declaration=True)
    return data + b"\n"


def _told(control: GateControl) -> tuple[str, str]:
    return control.canary, ", ".join(control.to)


def _transfer(suite: Element, transfer: Transfer) -> None:
    name = escape_terminal(
        _(
            "{canary} to {recipient} in {field}",
            canary=transfer.canary,
            recipient=transfer.recipient,
            field=transfer.field,
        )
    )
    is_leak = transfer.ruling is Ruling.LEAK
    kind = str(transfer.ruling)
    if is_leak and transfer.standing is not Standing.FOUND:
        kind = str(transfer.standing)  # what was observed; that it fails is the policy's
    case = SubElement(suite, "testcase", classname=f"hometruth.{kind.replace(' ', '-')}", name=name)
    text = line_of_transfer(transfer)
    if is_leak:
        SubElement(case, "failure", type=kind, message=text).text = text
    elif transfer.ruling in SKIPPED:
        SubElement(case, "skipped", message=f"{kind}: {transfer.why}" if transfer.why else kind)


def _unnamed(suite: Element, unnamed: Unnamed) -> None:
    name = _("{kind} to {recipient}", kind=unnamed.kind, recipient=unnamed.recipient)
    name = escape_terminal(_("{name} in {field}", name=name, field=unnamed.field) if unnamed.field else name)
    is_leak = unnamed.ruling is Ruling.LEAK
    kind = "unnamed" if is_leak else str(unnamed.ruling)
    case = SubElement(suite, "testcase", classname=f"hometruth.unnamed.{kind.replace(' ', '-')}", name=name)
    text = line_of_unnamed(unnamed)
    if is_leak:
        SubElement(case, "failure", type=kind, message=text).text = text
    elif unnamed.ruling in (*SKIPPED, Ruling.UNNAMED):
        SubElement(case, "skipped", message=text)


def _case(suite: Element, group: str, name: str, obstacles: list[Obstacle]) -> None:
    case = SubElement(suite, "testcase", classname=f"hometruth.{group}", name=escape_terminal(name))
    if obstacles:
        text = "\n".join(map(sentence, obstacles))
        kinds = ", ".join(dict.fromkeys(str(each.kind) for each in obstacles))
        SubElement(case, "error", type=kinds, message=sentence(obstacles[0])).text = text
